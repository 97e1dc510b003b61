/**
 * The page's benchmark: script at first load, frames a second and long tasks under 36 ports and 100 terminals at 4 Hz, the heap over a
 * simulated day, and a first look as Lighthouse takes it. Last line: JSON. Exit code 1 when a limit is missed.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type FirstLook, firstLook, headerFaults, LOOKS } from './first-look.ts';
import { heapOf, type Pace, paceOf, slopeOf, watch } from './measure.ts';
import { type StubGateway, startStubGateway } from './stub-gateway.ts';

export const limits = {
  scriptGzipBytesMax: 150 * 1024,
  framesPerSecondMin: 55,
  longTasksAnUpdateMax: 0.01,
  heapMegabytesADayMax: 0.5,
  firstPaintMsMax: 1_800,
  largestPaintMsMax: 2_500,
  layoutShiftMax: 0.1,
  blockingMsMax: 200,
};
const SECONDS = 30;
/** A simulated day: as many frames, each a minute later. */
const FRAMES_A_READING = 144;
const READINGS = 10;
const dist = join(import.meta.dirname, '..', 'dist');
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Script that index.html asks for before anything is clicked. */
function firstLoadBytes(): number {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file = '']) => file);
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
}

async function heapADay(page: Page, gateway: StubGateway): Promise<{ megabytesADay: number; megabytes: number }> {
  const session = await page.context().newCDPSession(page);
  const pass = async (count: number) => {
    const end = gateway.frames() + count;
    gateway.hurry(60_000, 25);
    while (gateway.frames() < end) await page.waitForTimeout(50);
    gateway.hold();
    // What is under way has come and is drawn.
    await page.waitForTimeout(500);
  };
  // What is made once (formats, compiled code, full rings) is made before the first reading.
  await pass(FRAMES_A_READING * 3);
  const readings: number[] = [(await heapOf(session)) / 1e6];
  for (let reading = 0; reading < READINGS; reading += 1) {
    await pass(FRAMES_A_READING);
    readings.push((await heapOf(session)) / 1e6);
  }
  gateway.hurry(250, 250);
  say(`heap, MB: ${readings.map((value) => value.toFixed(2)).join(' ')}`);
  return {
    megabytesADay: Math.round(slopeOf(readings) * READINGS * 100) / 100,
    megabytes: Math.round((readings.at(-1) ?? 0) * 10) / 10,
  };
}

/** What this browser on this machine does with nothing to do: the ceiling of the other figures. */
async function idlePace(browser: Browser): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(watch);
  await page.goto('data:text/html,<title>idle</title>');
  const { framesPerSecond } = await paceOf(page, 8);
  await page.close();
  return framesPerSecond;
}

async function measured(browser: Browser, gateway: StubGateway) {
  const looks: FirstLook[] = [];
  for (const look of LOOKS) {
    say(`first look: ${look.name}`);
    looks.push(await firstLook(browser, gateway.url, look));
  }
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(gateway.url);
  await page.locator('tr[data-port]').nth(35).waitFor({ timeout: 30_000 });
  await page.waitForTimeout(3_000);
  say('overview: 36 ports at 4 Hz');
  const overview = await paceOf(page, SECONDS);
  await page.goto(`${gateway.url}/#/port/CNSHA`);
  await page.locator('.below tbody tr').nth(99).waitFor({ timeout: 10_000 });
  await page.waitForTimeout(3_000);
  say('port: 100 terminals at 4 Hz');
  const port = await paceOf(page, SECONDS);
  await page.goto(`${gateway.url}/#/overview`);
  await page.waitForTimeout(1_000);
  say('heap over a simulated day');
  const heap = await heapADay(page, gateway);
  await context.close();
  return { overview, port, heap, looks, headerFaults: await headerFaults(gateway.url) };
}

type Found = Awaited<ReturnType<typeof measured>> & { readonly scriptGzipBytes: number };
type Judge = (isMet: boolean, what: string) => void;

function judgePace(name: string, pace: Pace, judge: Judge): void {
  judge(pace.framesPerSecond >= limits.framesPerSecondMin, `${name}: ${pace.framesPerSecond} frames a second`);
  judge(pace.longTasksAnUpdate <= limits.longTasksAnUpdateMax, `${name}: ${pace.longTasks} tasks over 50 ms`);
}

function judgeLook(look: FirstLook, judge: Judge): void {
  const { name } = look;
  judge(look.firstPaintMs <= limits.firstPaintMsMax, `${name}: first paint after ${look.firstPaintMs} ms`);
  judge(look.largestPaintMs <= limits.largestPaintMsMax, `${name}: largest paint after ${look.largestPaintMs} ms`);
  judge(look.layoutShift <= limits.layoutShiftMax, `${name}: layout shift ${look.layoutShift}`);
  judge(look.blockingMs <= limits.blockingMsMax, `${name}: blocked for ${look.blockingMs} ms`);
  judge(look.complaints.length === 0, `${name}: ${look.complaints.slice(0, 3).join(' | ')}`);
  judge(look.foreignRequests.length === 0, `${name}: asks elsewhere: ${look.foreignRequests.join(', ')}`);
  judge(look.axeViolations.length === 0, `${name}: axe: ${look.axeViolations.join(', ')}`);
}

function missedOf(found: Found): string[] {
  const missed: string[] = [];
  const judge: Judge = (isMet, what) => {
    if (!isMet) missed.push(what);
  };
  judge(found.scriptGzipBytes <= limits.scriptGzipBytesMax, `script at first load: ${found.scriptGzipBytes} bytes`);
  judgePace('overview', found.overview, judge);
  judgePace('port', found.port, judge);
  judge(found.heap.megabytesADay <= limits.heapMegabytesADayMax, `heap: ${found.heap.megabytesADay} MB a day`);
  for (const look of found.looks) judgeLook(look, judge);
  judge(found.headerFaults.length === 0, `headers: ${found.headerFaults.join(', ')}`);
  return missed;
}

async function main(): Promise<void> {
  const gateway = await startStubGateway(dist);
  const browser = await chromium.launch({
    executablePath: process.argv[2] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info'],
  });
  try {
    const idleFramesPerSecond = await idlePace(browser);
    const found = { scriptGzipBytes: firstLoadBytes(), ...(await measured(browser, gateway)) };
    const missed = missedOf(found);
    for (const what of missed) say(`missed: ${what}`);
    const machine = {
      cpu: `${cpus().length} × ${cpus()[0]?.model ?? ''}`,
      load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
      browser: browser.version(),
      idleFramesPerSecond,
    };
    process.stdout.write(`${JSON.stringify({ bench: 'page', machine, limits, ...found, missed })}\n`);
    process.exitCode = missed.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    gateway.stop();
  }
}

await main();
