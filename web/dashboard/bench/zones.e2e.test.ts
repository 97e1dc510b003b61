/** Chromium on machines of four zones and languages, against figures that stand still: what is shown is the reader's choice alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../../../infra/src/e2e/product.testing.ts';
import { buildPage } from '../../../infra/src/page.ts';
import { eventually } from '../../../infra/src/testing.ts';
import { type StubGateway, startStubGateway } from './stub-gateway.ts';

/** Sunday 30 March 2025, 07:55 in Shanghai; in Paris clocks change an hour later. */
const MOMENT = Date.parse('2025-03-29T23:55:00Z');
const MACHINES = [
  ['UTC', 'en-GB'],
  ['Asia/Shanghai', 'zh-CN'],
  ['Europe/Paris', 'fr-FR'],
  ['America/New_York', 'en-US'],
] as const;
const root = join(import.meta.dirname, '..', '..', '..');

let browser: Browser;
let gateway: StubGateway;

beforeAll(async () => {
  await buildPage(root, AbortSignal.timeout(60_000));
  gateway = await startStubGateway(join(root, 'web', 'dashboard', 'dist'), MOMENT);
  gateway.hurry(0, 250);
  browser = await openBrowser();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  gateway?.stop();
});

async function open(timezoneId: string, locale: string, hash: string): Promise<Page> {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({ timezoneId, locale, viewport, reducedMotion: 'reduce' });
  const page = await context.newPage();
  // What the page takes for now stands still as the figures do.
  await page.clock.setFixedTime(MOMENT);
  await page.addInitScript(() => {
    if (localStorage.getItem('quaywatch.language') === null) localStorage.setItem('quaywatch.language', 'en');
  });
  await page.goto(`${gateway.url}/${hash}`);
  return page;
}

const text = async (page: Page, selector: string) => (await page.locator(selector).first().textContent()) ?? '';

/** All that can be read of a view, and the pixels of its chart. */
async function shownBy(page: Page): Promise<string> {
  const words = await page.locator('.page').textContent();
  const chart = page.locator('.chart-canvas canvas');
  const pixels =
    (await chart.count()) > 0 ? await chart.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL()) : '';
  return `${words}\n${pixels}`;
}

const VIEWS = [
  ['#/overview', 'tr[data-port="CNHUI"]'],
  ['#/port/CNSHA', '.chart-canvas canvas'],
  ['#/replay', '.new-run'],
] as const;

test('the zone and the language of the machine change nothing that is shown', async () => {
  const pages = await Promise.all(MACHINES.map(([zone, locale]) => open(zone, locale, '#/overview')));
  const clocks = await Promise.all(pages.map((page) => page.evaluate((ms) => new Date(ms).getHours(), MOMENT)));
  expect(clocks).toEqual([23, 7, 0, 19]);
  const [first, ...others] = pages;
  if (first === undefined) throw new Error('no page');
  for (const language of ['en', 'zh'] as const) {
    for (const [hash, ready] of VIEWS) {
      for (const page of pages) {
        await page.evaluate((next) => {
          location.hash = next;
        }, hash);
        await page.locator(ready).first().waitFor();
      }
      await eventually('the first page has come to rest', async () => {
        const before = await shownBy(first);
        await first.waitForTimeout(300);
        return (await shownBy(first)) === before;
      });
      const shown = await shownBy(first);
      expect(shown).toContain(language === 'en' ? 'Sun 30 Mar 2025' : '2025年3月30日 周日');
      expect(shown).toContain('07:55:00');
      for (const [at, page] of others.entries())
        await eventually(
          `${MACHINES[at + 1]?.[0]} shows ${hash} as UTC does`,
          async () => (await shownBy(page)) === shown,
        );
    }
    if (language === 'en') for (const page of pages) await page.getByRole('button', { name: '中文' }).click();
  }
}, 60_000);

test('the reader chooses the zone: every time follows and says so, the day in which is counted does not', async () => {
  const page = await open('America/New_York', 'en-US', '#/port/CNSHA');
  await page.locator('.chart-canvas canvas').waitFor();
  await eventually('the clock is the port’s', async () => (await text(page, '.asof .clk')) === '07:55:00');
  const inShanghai = await shownBy(page);
  expect(await text(page, '.asof')).toContain('UTC+8');
  await page.getByRole('button', { name: 'Times: UTC+8' }).click();
  await eventually('the clock is in UTC', async () => (await text(page, '.asof .clk')) === '23:55:00');
  expect(await text(page, '.asof .z')).toContain('as of, UTCSat 29 Mar 2025');
  expect(await text(page, '.foot')).toContain('Days are counted in UTC+8');
  expect(await text(page, 'main')).toContain('Today, TEU (UTC+8)');
  await eventually(
    'the chart is drawn anew',
    async () => (await shownBy(page)).split('\n').at(-1) !== inShanghai.split('\n').at(-1),
  );
  await page.keyboard.press('t');
  expect(await text(page, '.point-table th')).toBe('From, UTC');
  expect(await text(page, '.point-table tbody td')).toBe('Sat 29 Mar 23:55');
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const [about = '', , row = ''] = readFileSync(await csv.path(), 'utf8').split('\r\n');
  expect(about).toContain('zone UTC (UTC)');
  expect(about).toContain('days are counted in UTC+8');
  expect(row).toMatch(/^2025-03-2\dT\d\d:\d\d:00\+00:00,/);
  expect(csv.suggestedFilename()).toBe('quaywatch-CNSHA-2025-03-29T2355+0000.csv');
  await page.reload();
  await eventually('the choice is kept', async () => (await text(page, '.asof .clk')) === '23:55:00');
  await page.getByRole('button', { name: 'Times: UTC' }).click();
  await eventually('the port keeps UTC+8', async () => (await text(page, '.asof .clk')) === '07:55:00');
  expect(await page.getByRole('button', { name: 'Times: local to the port' }).first().textContent()).toBe('Port time');
}, 60_000);

test('a link opens in the zone in which it was shared, until the reader chooses', async () => {
  const page = await open('Europe/Paris', 'fr-FR', '#/overview?zone=utc');
  await eventually('the link’s zone', async () => (await text(page, '.asof .clk')) === '23:55:00');
  await page.getByRole('link', { name: 'Port', exact: true }).click();
  await page.locator('.chart-canvas canvas').waitFor();
  expect(page.url()).toContain('zone=utc');
  expect(await text(page, '.asof .clk')).toBe('23:55:00');
  await page.getByRole('button', { name: 'Share' }).click();
  for (const link of await page.locator('.share-link input').all())
    expect(await link.inputValue()).toContain('zone=utc');
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  expect(await page.evaluate(() => localStorage.getItem('quaywatch.zone'))).toBe('shanghai');
  await page.getByRole('button', { name: 'Times: UTC' }).click();
  await eventually('the address says no zone', () => Promise.resolve(!page.url().includes('zone=')));
  expect(await page.evaluate(() => localStorage.getItem('quaywatch.zone'))).toBe('port');
}, 60_000);

test('days that are asked for are counting days in every zone', async () => {
  const page = await open('America/New_York', 'en-US', '#/replay?zone=utc');
  await page.getByLabel('From, UTC+8 day').fill('2025-01-05');
  await page.getByLabel('To (exclusive), UTC+8 day').fill('2025-01-07');
  const [request] = await Promise.all([
    page.waitForRequest((asked) => asked.method() === 'POST' && asked.url().includes('/runs')),
    page.locator('.new-run button[type=submit]').click(),
  ]);
  expect(request.postDataJSON()).toMatchObject({ from: '2025-01-05', to: '2025-01-07' });
}, 60_000);
