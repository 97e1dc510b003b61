/**
 * The page's benchmark: script at first load, frames a second and long tasks under 36 ports and 100 terminals at 4 Hz, the heap over a
 * simulated day, and what a page is checked for anyway. Last line: JSON. Exit code 1 when a limit is missed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { heapOf, type Pace, paceOf, slopeOf, watch } from './measure.ts';
import { type StubGateway, startStubGateway } from './stub-gateway.ts';

export const limits = {
  scriptGzipBytesMax: 150 * 1024,
  framesPerSecondMin: 55,
  longTasksAFrameMax: 0.01,
  heapMegabytesADayMax: 2,
  axeViolationsMax: 0,
  consoleErrorsMax: 0,
};
const SECONDS = 15;
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
  gateway.hurry(60_000, 25);
  const reached = async (frames: number) => {
    while (gateway.frames() < frames) await page.waitForTimeout(50);
  };
  // What is made once (formats, compiled code) is made before the first reading.
  await reached(gateway.frames() + FRAMES_A_READING * 3);
  const readings: number[] = [];
  for (let reading = 0; reading <= READINGS; reading += 1) {
    readings.push((await heapOf(session)) / 1e6);
    await reached(gateway.frames() + FRAMES_A_READING);
  }
  gateway.hurry(250, 250);
  say(`heap, MB: ${readings.map((value) => value.toFixed(2)).join(' ')}`);
  return {
    megabytesADay: Math.round(slopeOf(readings) * READINGS * 100) / 100,
    megabytes: Math.round((readings.at(-1) ?? 0) * 10) / 10,
  };
}

async function checksOf(page: Page) {
  await page
    .addScriptTag({ content: readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8') })
    .catch(() => undefined);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe?: { run: () => Promise<{ violations: { id: string }[] }> } };
    return axe === undefined ? ['axe could not be loaded'] : (await axe.run()).violations.map((entry) => entry.id);
  });
  const paint = await page.evaluate(() => ({
    firstPaintMs: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
    layoutShift: Math.round(window.watched.shift * 1000) / 1000,
    domNodes: document.querySelectorAll('*').length,
    requests: performance.getEntriesByType('resource').length,
    foreignRequests: performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith(location.origin))
      .length,
  }));
  return { ...paint, axeViolations: violations };
}

async function measured(browser: Browser, gateway: StubGateway) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    bypassCSP: true,
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(watch);
  await page.goto(gateway.url);
  await page.locator('tr[data-port]').nth(35).waitFor({ timeout: 30_000 });
  await page.waitForTimeout(3_000);
  say('overview: 36 ports at 4 Hz');
  const overview = await paceOf(page, SECONDS);
  const checks = await checksOf(page);
  await page.goto(`${gateway.url}/#/port/CNSHA`);
  await page.locator('.chart-canvas canvas').waitFor({ timeout: 10_000 });
  await page.waitForTimeout(3_000);
  say('port: 100 terminals at 4 Hz');
  const port = await paceOf(page, SECONDS);
  await page.goto(`${gateway.url}/#/overview`);
  await page.waitForTimeout(1_000);
  say('heap over a simulated day');
  const heap = await heapADay(page, gateway);
  await context.close();
  return { overview, port, heap, checks, errors };
}

type Found = Awaited<ReturnType<typeof measured>> & { readonly scriptGzipBytes: number };

function missedOf(found: Found): string[] {
  const missed: string[] = [];
  const judge = (isMet: boolean, what: string) => {
    if (!isMet) missed.push(what);
  };
  judge(found.scriptGzipBytes <= limits.scriptGzipBytesMax, `script at first load: ${found.scriptGzipBytes} bytes`);
  const paces: readonly (readonly [string, Pace])[] = [
    ['overview', found.overview],
    ['port', found.port],
  ];
  for (const [name, pace] of paces) {
    judge(pace.framesPerSecond >= limits.framesPerSecondMin, `${name}: ${pace.framesPerSecond} frames a second`);
    judge(pace.longTasksAFrame <= limits.longTasksAFrameMax, `${name}: ${pace.longTasks} tasks over 50 ms`);
  }
  judge(found.heap.megabytesADay <= limits.heapMegabytesADayMax, `heap: ${found.heap.megabytesADay} MB a day`);
  judge(found.checks.axeViolations.length <= limits.axeViolationsMax, `axe: ${found.checks.axeViolations.join(', ')}`);
  judge(found.errors.length <= limits.consoleErrorsMax, `console: ${found.errors.slice(0, 3).join(' | ')}`);
  return missed;
}

async function main(): Promise<void> {
  const gateway = await startStubGateway(dist);
  const browser = await chromium.launch({
    executablePath: process.argv[2] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info'],
  });
  try {
    const found = { scriptGzipBytes: firstLoadBytes(), ...(await measured(browser, gateway)) };
    const missed = missedOf(found);
    for (const what of missed) say(`missed: ${what}`);
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, load ${loadavg()[0]?.toFixed(1)}, ${browser.version()}`;
    process.stdout.write(`${JSON.stringify({ bench: 'page', machine, limits, ...found, missed })}\n`);
    process.exitCode = missed.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    gateway.stop();
  }
}

await main();
