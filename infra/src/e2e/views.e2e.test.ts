/** What a person does with the measures, a port's chart, exports, links and the wall display, in a real browser. Asserts what is seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEASURE_INDEX } from '@quaywatch/contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, temporaryDirectory } from '../testing.ts';
import { openBrowser, type Product, startProduct, stopProduct } from './product.testing.ts';

const directory = temporaryDirectory();
let product: Product;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  product = await startProduct(directory.path, { name: 'views', gives_back: false, imperfect: true, events: [] });
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  await page.goto(product.url);
  await page.locator('tr[data-port]').nth(35).waitFor({ timeout: 90_000 });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  if (product !== undefined) await stopProduct(product.child);
  directory.remove();
});

type Rows = { rows: { start_ms: number; values: number[] }[] };

/** Share of the newest 24 hours of the stretch that the view asks for, worked out from the same windows. */
async function shareByApi(): Promise<number> {
  const answer = (await (await fetch(`${product.url}/api/v1/measures?size=1h`)).json()) as Rows;
  const end = Math.max(...answer.rows.map((row) => row.start_ms)) + 3_600_000;
  const recent = answer.rows.filter((row) => row.start_ms >= end - 86_400_000);
  const sum = (measure: 'teu' | 'direct_pick_up_teu') =>
    recent.reduce((total, row) => total + (row.values[MEASURE_INDEX[measure]] ?? 0), 0);
  return (sum('direct_pick_up_teu') / sum('teu')) * 100;
}

const text = (selector: string) => page.locator(selector).first().textContent();
const hash = () => page.evaluate(() => location.hash);

/** How many pixels of a picture have the colour that fills an element of the page. */
async function pixelsOf(path: string, selector: string): Promise<number> {
  const source = `data:image/png;base64,${readFileSync(path).toString('base64')}`;
  const fill = await page.locator(selector).evaluate((element) => getComputedStyle(element).fill);
  return page.evaluate(
    async ([src, colour]) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
      pen?.drawImage(image, 0, 0);
      const bytes = pen?.getImageData(0, 0, image.width, image.height).data ?? [];
      let count = 0;
      for (let at = 0; at < bytes.length; at += 4)
        if (colour === `rgb(${bytes[at]}, ${bytes[at + 1]}, ${bytes[at + 2]})`) count++;
      return count;
    },
    [source, fill] as const,
  );
}

test('the measures by keyboard: the figures are those of the windows, ports can be chosen, and what is not measured says why', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.locator('.me-list [data-measure]').nth(6).waitFor({ timeout: 15_000 });
  await eventually('the share is there', async () => /\d/.test((await text('.me.on .me-fig')) ?? ''), 15_000);
  expect(Number.parseFloat((await text('.me.on .me-fig')) ?? '')).toBeCloseTo(await shareByApi(), 1);
  expect(await page.locator('.me-ports tr[data-port]').count()).toBe(36);
  const unmeasured = (await text('.not-yet')) ?? '';
  expect(unmeasured).toContain('5–7 → 2–3 days');
  expect(unmeasured).toContain('No figure');
  await page.locator('.me.on').focus();
  await page.keyboard.press('ArrowDown');
  await eventually('the next measure is chosen', async () => (await hash()).startsWith('#/measures/direct_loading'));
  await page.locator('.me-ports tr[data-port="CNNGB"] a.pn').click();
  await eventually('the port is in the address', async () => (await hash()).includes('port=CNNGB'));
  expect(await text('.me-head .pt')).toContain('Ningbo');
  await page.keyboard.press('t');
  await page.locator('.share-table tbody tr').first().waitFor();
  await page.keyboard.press('t');
  const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PNG' }).click()]);
  expect(png.suggestedFilename()).toMatch(/^quaywatch-direct_loading-CNNGB-.*\.png$/);
  const picture = join(directory.path, 'share.png');
  await png.saveAs(picture);
  // The band of the own level: coloured by the style sheet, which a picture does not have.
  expect(await pixelsOf(picture, '.share-chart svg rect[fill="var(--s-band)"]')).toBeGreaterThan(500);
  await page.getByRole('button', { name: 'Last 24 h, %' }).click();
  const shares = await page.locator('.me-ports tbody td.rate').allTextContents();
  const known = shares.map(Number).filter((value) => !Number.isNaN(value));
  expect(known).toEqual([...known].sort((a, b) => b - a));
}, 60_000);

test('the programme’s own terms in Chinese', async () => {
  await page.getByRole('button', { name: '中文' }).click();
  for (const term of ['船边直提', '抵港直装', '一单制', '一箱制', '内外贸同船', '离港确认', '粤港澳大湾区'])
    expect(await page.locator('.me-list').textContent()).toContain(term);
  await page.getByRole('button', { name: 'EN', exact: true }).click();
});

test.each([
  [3840, 2160],
  [1440, 900],
  [1024, 768],
  [390, 844],
])('at %i × %i nothing of the measures or of a port is wider than the screen', async (width, height) => {
  await page.setViewportSize({ width, height });
  for (const view of ['#/measures', '#/port/CNNGB', '#/replay']) {
    await page.goto(`${product.url}/${view}`);
    await page.locator('main').first().waitFor();
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await eventually(`${view} fits`, async () => (await over()) <= 0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

/** Drags over the chart from and to these parts of its width. */
async function drag(from: number, to: number, isShift: boolean): Promise<void> {
  // Another size makes another chart.
  await eventually('the chart has its place', async () => (await page.locator('.u-over').boundingBox()) !== null);
  const box = await page.locator('.u-over').boundingBox();
  if (box === null) throw new Error('The chart has no place on the screen.');
  if (isShift) await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width * from, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + 80, { steps: 4 });
  await page.mouse.up();
  if (isShift) await page.keyboard.up('Shift');
}

test('a port in minutes, nearer by the wheel, by a drag, and back; the address says it', async () => {
  await page.goto(`${product.url}/#/port/CNNGB`);
  await page.locator('.u-over').waitFor({ timeout: 15_000 });
  await page.keyboard.press('1');
  await eventually('minutes are in the address', async () => (await hash()).includes('size=minute'));
  await page.locator('.u-over').hover();
  await page.mouse.wheel(0, -240);
  await eventually('the wheel pins a stretch', async () => /from=\d+&to=\d+/.test(await hash()));
  await page.locator('.chart-box').focus();
  await page.keyboard.press('0');
  await eventually('0 follows again', async () => !(await hash()).includes('from='));
  await page.keyboard.press('2');
  await eventually('five minutes are drawn', async () => !(await hash()).includes('size='));
  await drag(0.3, 0.6, false);
  await eventually('a drag zooms', async () => /from=\d+&to=\d+/.test(await hash()));
  const pinned = await hash();
  await page.reload();
  await page.locator('.u-over').waitFor({ timeout: 15_000 });
  expect(await hash()).toBe(pinned);
  await page.getByRole('button', { name: /^Follow/ }).click();
}, 60_000);

test('on a wall-sized screen the words of a chart grow with the page, and its cursor stays under the pointer', async () => {
  /** How far the cursor that a chart draws is from the pointer in its middle, as a part of the chart's width. */
  const missedBy = async (chart: string, cursor: string) => {
    await page.locator(chart).hover();
    const at = await page.locator(chart).boundingBox();
    const drawn = await page.locator(cursor).boundingBox();
    return Math.abs(((drawn?.x ?? 0) - (at?.x ?? 0)) / (at?.width ?? 1) - 0.5);
  };
  const roomForScale = async () => {
    const chart = await page.locator('.chart-canvas').boundingBox();
    const plot = await page.locator('.u-over').boundingBox();
    return Math.round((plot?.x ?? 0) - (chart?.x ?? 0));
  };
  await page.setViewportSize({ width: 3840, height: 2160 });
  await page.goto(`${product.url}/#/measures`);
  await page.locator('.share-chart .share-line').waitFor();
  // It goes to the middle of the window that is pointed at: six hours of four days.
  expect(await missedBy('.share-chart svg', '.share-chart .cursor')).toBeLessThan(0.04);
  await page.goto(`${product.url}/#/port/CNNGB`);
  await page.locator('.u-over').waitFor();
  expect(await missedBy('.u-over', '.u-cursor-x')).toBeLessThan(0.002);
  const onWall = await roomForScale();
  await page.setViewportSize({ width: 1440, height: 900 });
  await eventually('a desk needs less room', async () => (await roomForScale()) * 1.5 === onWall);
}, 60_000);

test('a brushed stretch is explained: its bars add up to its size, against expected and against as long before', async () => {
  await drag(0.4, 0.7, true);
  const size = page.locator('.brushed .fig');
  await size.waitFor({ timeout: 15_000 });
  const number = (words: string | null) => Number((words ?? '').replace(/[^\d−]/g, '').replace('−', '-'));
  const sums = async () => {
    const bars = await page.locator('.brushed section[aria-label="Terminals, TEU"] td.num').allTextContents();
    return bars.map(number).reduce((sum, bar) => sum + bar, 0);
  };
  // Each of at most seven bars is rounded.
  expect(Math.abs((await sums()) - number(await size.textContent()))).toBeLessThanOrEqual(4);
  await page.getByRole('button', { name: 'As long before' }).click();
  expect(Math.abs((await sums()) - number(await size.textContent()))).toBeLessThanOrEqual(4);
  expect(await text('.brushed .behind-feed + .kv')).toContain('%');
  expect(await hash()).toContain('explain=');
  await page.getByRole('button', { name: 'Back to now' }).click();
  await eventually('the brush is gone', async () => !(await hash()).includes('explain='));
}, 60_000);

test('files say what they show: scope, comparator, zone, simulated', async () => {
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const path = join(directory.path, 'port.csv');
  await csv.saveAs(path);
  const [about = '', head = '', ...rows] = readFileSync(path, 'utf8').split('\r\n');
  for (const said of ['import + export', 'expected = baseline', 'UTC+8', 'simulated']) expect(about).toContain(said);
  expect(head.startsWith('start,teu,')).toBe(true);
  expect(rows.length).toBeGreaterThan(100);
  const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PNG' }).click()]);
  expect(png.suggestedFilename()).toMatch(/^quaywatch-CNNGB-.*\.png$/);
}, 30_000);

test('a link that stands still opens the same stretch, one that follows does not', async () => {
  await page.getByRole('button', { name: 'Share' }).click();
  const [live = '', frozen = ''] = await page
    .locator('.share-link input')
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
  expect(live).not.toContain('from=');
  expect(frozen).toMatch(/from=\d+&to=\d+/);
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  await page.goto(frozen);
  await page.locator('.u-over').waitFor({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Pin', exact: true, pressed: true }).waitFor({ timeout: 15_000 });
}, 30_000);

test('on a wall: large, nothing to press, kept by a reload, left by Esc; it fetches nothing again and does not grow', async () => {
  await page.goto(`${product.url}/#/overview`);
  await page.locator('tr[data-port]').nth(35).waitFor({ timeout: 15_000 });
  await page.keyboard.press('Shift+K');
  await page.locator('main.kiosk tr[data-port]').nth(3).waitFor({ timeout: 15_000 });
  expect(await page.locator('main.kiosk button, main.kiosk a.tb').count()).toBe(0);
  expect(page.url()).toContain('?kiosk');
  const bottom = await page.locator('section.k-ports').evaluate((box) => box.getBoundingClientRect().bottom);
  const last = await page.locator('main.kiosk tr[data-port]').last().boundingBox();
  expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(bottom);
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const cdp = await page.context().newCDPSession(page);
  const held = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
    return { nodes, jsEventListeners };
  };
  const frames = () => page.evaluate(() => window.quaywatch.frames);
  const more = async (count: number) => {
    const before = await frames();
    await eventually('frames come', async () => (await frames()) > before + count, 30_000);
  };
  await more(8);
  const [files, first] = [await fetched(), await held()];
  await more(40);
  expect(await fetched()).toEqual(files);
  const then = await held();
  expect(then.jsEventListeners).toBeLessThanOrEqual(first.jsEventListeners);
  // A sparkline may have gained a gap.
  expect(then.nodes).toBeLessThanOrEqual(first.nodes * 1.05);
  await page.reload();
  await page.locator('main.kiosk').waitFor({ timeout: 15_000 });
  await page.keyboard.press('Escape');
  await page.locator('header.top').waitFor({ timeout: 10_000 });
  expect(page.url()).not.toContain('kiosk');
}, 120_000);

test('a view whose script is gone from the gateway says so in the reader’s language, and a reload brings it', async () => {
  const open = await browser.newPage({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  const scripts = '**/assets/rules-view-*.js';
  await open.route(scripts, (request) => request.fulfill({ status: 404, body: '' }));
  await open.goto(`${product.url}/#/rules`);
  const notice = open.locator('main [role="alert"]');
  await notice.waitFor({ timeout: 15_000 });
  expect(await notice.textContent()).toContain('could not be fetched');
  await open.getByRole('button', { name: '中文' }).click();
  expect(await notice.textContent()).toContain('无法获取页面的这一部分');
  await open.unroute(scripts);
  const reload = notice.getByRole('button', { name: '刷新页面' });
  await reload.click();
  await open.locator('.r-tabs a').first().waitFor({ timeout: 15_000 });
  expect(await reload.count()).toBe(0);
  await open.close();
}, 60_000);
