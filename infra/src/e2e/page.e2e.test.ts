/** The product as a person uses it: one command, a browser, and Ctrl-C. Asserts what is seen, not how it is made. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS, SUBPROTOCOL } from '@quaywatch/contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTcpProxy, type TcpProxy } from '../faults/tcp-proxy.ts';
import { eventually, temporaryDirectory } from '../testing.ts';
import { TABLET } from './desk.testing.ts';
import { NINGBO_STALL, openBrowser, type Product, startProduct, stopProduct } from './product.testing.ts';
import { IN_CHINESE, IN_ENGLISH, playedAtMs, playRun } from './replay.testing.ts';
import { faultsOfSeries } from './series.testing.ts';

/** An incident that is open at the first look, and a feed that falls silent while the page is open. */
const scenario = {
  name: 'e2e',
  gives_back: false,
  imperfect: true,
  events: [
    NINGBO_STALL,
    // After its first words at the live cadence: overdue two minutes later, told with the next closed minute.
    { kind: 'silent_feed', port: 'CNTXG', terminals: ['CNTNJ:TSCT'], from: '+40s', to: '+45m' },
  ],
};

const directory = temporaryDirectory();
let product: Product;
let browser: Browser;
let page: Page;
/** The network between the page and the product. */
let wire: TcpProxy;
let pageUrl: string;
/** Alerts that were listed at the first look. */
let firstAlerts: readonly string[] = [];

/** Processes, zombies left out, that name the test's directory on their command line or in their environment. */
function processesOfProduct(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const isOurs = commandLine.includes(directory.path) || environment.includes(directory.path);
      return isOurs && commandLine !== '' ? [`${pid} ${commandLine.slice(0, 200)}`] : [];
    } catch {
      // It ended while it was looked at, or is somebody else's.
      return [];
    }
  });
}

beforeAll(async () => {
  product = await startProduct(directory.path, scenario);
  wire = await startTcpProxy(() => Number(new URL(product.url).port));
  pageUrl = `http://127.0.0.1:${wire.port}`;
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
});
afterAll(async () => {
  await browser?.close();
  await wire?.stop();
  if (product !== undefined) await stopProduct(product.child);
  directory.remove();
});

const countersOf = () => page.evaluate(() => window.quaywatch);
const rateOrMoves = async () => ((await page.locator('footer.foot').textContent()) ?? '').replace(/watermark \S+/, '');
const alertIds = () =>
  page
    .locator('.inc [data-alert]')
    .evaluateAll((cards) => cards.map((card) => card.getAttribute('data-alert') ?? '').sort());

async function seesLivePage(): Promise<void> {
  await page.locator('fieldset.run button.live.on', { hasText: 'LIVE' }).waitFor({ timeout: 20_000 });
  await page
    .locator('tr[data-port]')
    .nth(PORTS.length - 1)
    .waitFor({ timeout: 20_000 });
  expect(await page.locator('tr[data-port]').count()).toBe(36);
}

test('the page is live: every port, figures that move, the open incident, no frame missed', async () => {
  await page.goto(pageUrl);
  expect(await page.title()).toContain('Quaywatch');
  expect(await page.locator('a.brand').textContent()).toContain('Quaywatch');
  await seesLivePage();
  const before = await countersOf();
  const figures = await rateOrMoves();
  await eventually('the figures of the footer move', async () => (await rateOrMoves()) !== figures, 30_000);
  await eventually('frames come', async () => (await countersOf()).frames > before.frames + 3);
  expect((await countersOf()).gaps).toBe(0);
  await page.locator('.inc [data-alert]', { hasText: 'Ningbo' }).first().waitFor({ timeout: 20_000 });
  firstAlerts = await alertIds();
  await page.screenshot({ path: join(directory.path, 'overview-1440.png') });
});

const isLive = (where: Page) => where.locator('fieldset.run button.live.on', { hasText: 'LIVE' });

/** The minutes of Shanghai on screen are the gateway's, up to now. */
async function seriesIsWhole(): Promise<void> {
  const throughMs = Date.now() - 90_000;
  const shown = { url: product.url, port: 'CNSHA', directory: directory.path, throughMs };
  let faults: readonly string[] = ['never read'];
  const isWhole = async () => {
    faults = await faultsOfSeries(page, shown).catch((error: unknown) => [String(error)]);
    return faults.length === 0;
  };
  await eventually('the series is whole', isWhole, 30_000).catch((cause: unknown) => {
    throw new Error(`The series is not whole: ${faults.join('; ')}.`, { cause });
  });
}

test('a reload, a sleep, ten seconds without a network, a killed gateway: shown, nothing missed, nothing doubled', async () => {
  const wall = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await wall.goto(`${pageUrl}/?kiosk#/overview`);
  const onWall = wall.locator('.k-chip');
  await wall.locator('.k-chip.live').waitFor({ timeout: 20_000 });
  const begunAt = await wall.evaluate(() => performance.timeOrigin);
  await page.goto(`${pageUrl}/#/port/CNSHA?size=minute`);
  await page.locator('.u-over').waitFor({ timeout: 20_000 });
  await seriesIsWhole();

  await page.reload();
  await page.locator('.u-over').waitFor({ timeout: 20_000 });
  await seriesIsWhole();

  // A computer that sleeps runs nothing, and its connections are gone when it wakes.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  wire.reset();
  await onWall.filter({ hasText: 'LIVE' }).waitFor({ timeout: 20_000 });
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await isLive(page).waitFor({ timeout: 20_000 });
  await seriesIsWhole();

  const chip = page.locator('header.top .chip');
  wire.set({ kind: 'cut' });
  await chip.filter({ hasText: /LAGGING 1\d/ }).waitFor({ timeout: 20_000 });
  expect(await onWall.textContent()).toMatch(/LAGGING/);
  wire.reset();
  await chip.filter({ hasText: /RECONNECTING, try \d/ }).waitFor({ timeout: 20_000 });
  wire.set({ kind: 'good' });
  await isLive(page).waitFor({ timeout: 40_000 });
  await seriesIsWhole();

  const gateway = processesOfProduct().find((line) => line.includes('web/gateway/src/main.ts'));
  process.kill(Number.parseInt(gateway ?? '', 10), 'SIGKILL');
  await chip.filter({ hasText: /RECONNECTING, try \d/ }).waitFor({ timeout: 20_000 });
  await isLive(page).waitFor({ timeout: 60_000 });
  await seriesIsWhole();
  expect((await countersOf()).gaps).toBe(0);

  await wall.locator('.k-chip.live').waitFor({ timeout: 40_000 });
  expect(await wall.evaluate(() => performance.timeOrigin)).toBe(begunAt);
  await wall.close();
}, 240_000);

type Run = { readonly run: string; readonly state: string; readonly teu: number | null; readonly error: string };

/** TEU of all ports in an hour of a run, as the page writes it without separators. */
async function nationalHour(run: string, fromMs: number): Promise<string> {
  const hours = PORTS.map(async ({ code }) => {
    const query = `port=${code}&size=1h&from=${fromMs}&to=${fromMs + 3_600_000}&run=${run}`;
    const { windows } = (await (await fetch(`${product.url}/api/v1/throughput?${query}`)).json()) as {
      windows: { teu: number | null }[];
    };
    return windows.reduce((sum, { teu }) => sum + (teu ?? 0), 0);
  });
  return String(Math.round((await Promise.all(hours)).reduce((sum, teu) => sum + teu, 0)));
}

test('a day is replayed on request, played, compared, and stands where it stood after a reload', async () => {
  const answer = await fetch(`${product.url}/api/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '2025-03-01', to: '2025-03-02' }),
  });
  expect(answer.status).toBe(202);
  const { run } = (await answer.json()) as Run;
  const runOf = async () => {
    const { runs } = (await (await fetch(`${product.url}/api/v1/runs`)).json()) as { runs: readonly Run[] };
    return runs.find((one) => one.run === run);
  };
  await eventually(
    'the run is done',
    async () => {
      const found = await runOf();
      if (found?.state === 'failed') throw new Error(`The run failed: ${found.error}`);
      return found?.state === 'done';
    },
    60_000,
  );
  expect((await runOf())?.teu).toBeGreaterThan(0);

  const tablet = await browser.newPage({ locale: 'zh-CN', viewport: TABLET, colorScheme: 'dark' });
  await tablet.goto(`${pageUrl}/#/replay`);
  await playRun(tablet, run, IN_CHINESE);
  await tablet.close();
  await page.goto(`${pageUrl}/#/replay`);
  await playRun(page, run, IN_ENGLISH);
  const banner = page.locator('section.rbar');
  const position = page.getByRole('slider', { name: 'Position' });
  const atMs = () => playedAtMs(page, 'Position');

  // Another day, hour by hour beside it: this run as it is known now, whose hours the gateway's history knows.
  await position.press('End');
  await page.getByLabel('Beside').selectOption({ label: 'This run, as known now' });
  const drawn = page.locator('.replay-bars rect');
  await eventually('the difference of a day is drawn', async () => (await drawn.count()) > 20, 30_000);
  await page.keyboard.press('t');
  const row = page.locator('.replay-hours tbody tr').nth(3);
  const hourMs = Number(await row.getAttribute('data-hour'));
  expect((await row.locator('td').nth(2).textContent())?.replace(',', '')).toBe(await nationalHour(run, hourMs));
  await eventually('the address says where it stands', async () => page.url().includes(`paused=1&with=${run}`));
  const stoodAt = await atMs();
  await page.reload();
  await banner.waitFor({ timeout: 10_000 });
  await eventually('both are back', async () => (await drawn.count()) > 20, 30_000);
  expect(await atMs()).toBe(stoodAt);
  await page.keyboard.press('l');
  await seesLivePage();
}, 150_000);

test('a new alert comes while the page is open, and a reload shows the same', async () => {
  const news = async () => (await alertIds()).filter((id) => !firstAlerts.includes(id));
  const silent = page.locator('.inc [data-alert]', { hasText: /silent/ });
  await eventually(
    'a new alert of a silent feed is listed',
    async () => (await news()).length > 0 && (await silent.count()) > 0,
    270_000,
  );
  const shown = await alertIds();
  await page.reload();
  await seesLivePage();
  await eventually('the alerts from before the reload are listed', async () => {
    const now = await alertIds();
    return shown.every((id) => now.includes(id));
  });
  const { frames } = await countersOf();
  await eventually('frames come after the reload', async () => (await countersOf()).frames > frames);
  expect((await countersOf()).gaps).toBe(0);
}, 300_000);

test('rubbish on the socket is answered with 4400; a telephone sees the page', async () => {
  const socket = new WebSocket(`${product.url.replace('http', 'ws')}/ws`, SUBPROTOCOL);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  socket.send('rubbish');
  expect((await closed)[0]).toBe(4400);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('nav.tabs').waitFor({ timeout: 10_000 });
  await page.screenshot({ path: join(directory.path, 'overview-390.png') });
  expect((await countersOf()).gaps).toBe(0);
});

test('Ctrl-C ends it within ten seconds and leaves no process behind', async () => {
  await page.close();
  await browser.close();
  const { child } = product;
  expect(processesOfProduct().length).toBeGreaterThan(3);
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await eventually('the product has ended', () => child.exitCode !== null || child.signalCode !== null, 10_000);
  await gone;
  expect(child.exitCode).toBe(0);
  expect(processesOfProduct()).toEqual([]);
});
