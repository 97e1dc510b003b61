/**
 * `node web/dashboard/bench/screenshots.ts [URL] [DIRECTORY] [VIEW,…] [FORMAT] [CHROMIUM]`: pictures of every view of a running page, in English and Chinese, light and dark,
 * at a desk's and a telephone's size. Judges nothing: they are for the eye.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const [url = 'http://127.0.0.1:8080', directory = '', only = '', format = 'webp', chromiumPath = '/usr/bin/chromium'] =
  process.argv.slice(2);
const folder = directory === '' ? join(import.meta.dirname, '..', '..', '..', 'docs', 'screenshots') : directory;

/** Where a view is, what must be there before the picture is taken, and what a person does first. */
type View = { readonly address: string; readonly ready: string; readonly first?: (page: Page) => Promise<void> };

const endMs = Math.floor(Date.now() / 60_000) * 60_000;
/** The last four hours of live, played from half an hour before their end. */
const played = `from=${endMs - 4 * 3_600_000}&to=${endMs}&at=${endMs - 1_800_000}`;

const views: Readonly<Record<string, View>> = {
  overview: { address: '#/overview', ready: '[data-port], .mrow' },
  map: { address: '#/map', ready: '.v-map svg, .map-box svg' },
  port: { address: '#/port/CNNGB', ready: '.chart-canvas canvas' },
  explain: {
    address: '#/port/CNNGB',
    ready: '.chart-canvas canvas',
    first: async (page) => {
      await page.getByRole('button', { name: /^(All shown|当前区间)/ }).click();
      await page.locator('.brushed .fig').waitFor();
    },
  },
  table: {
    address: '#/port/CNNGB',
    ready: '.chart-canvas canvas',
    first: async (page) => {
      await page.keyboard.press('t');
      await page.locator('.point-table tbody tr').first().waitFor();
    },
  },
  measures: { address: '#/measures', ready: '.me-ports .me-fig, .share-chart' },
  alerts: { address: '#/alerts', ready: 'main.v-alerts [data-alert]' },
  alert: {
    address: '#/alerts',
    ready: 'main.v-alerts [data-alert]',
    first: async (page) => {
      await page.locator('main.v-alerts [data-alert]').first().click();
      await page.locator('ol.ev li').first().waitFor();
    },
  },
  silence: {
    address: '#/alerts',
    ready: 'main.v-alerts [data-alert]',
    first: async (page) => {
      await page.locator('main.v-alerts [data-alert]').first().waitFor();
      await page.keyboard.press('s');
      await page.locator('dialog .preview').waitFor();
    },
  },
  rules: { address: '#/rules', ready: 'tr[data-kind]' },
  routes: { address: '#/rules/routes', ready: '.r-entry' },
  replay: { address: '#/replay', ready: '.presets' },
  player: { address: `#/replay/live?${played}`, ready: 'section.tl .scrub' },
  kiosk: { address: '?kiosk#/overview', ready: '.kiosk' },
  ledger: {
    address: '#/port/CNNGB',
    ready: '.chart-canvas canvas',
    first: async (page) => {
      await page.getByRole('button', { name: /^(Ledger|账目)/ }).click();
      await page.locator('dialog').waitFor();
    },
  },
  'dead-letters': {
    address: '#/overview',
    ready: '[data-port], .mrow',
    first: async (page) => {
      await page.locator('footer button').first().click();
      await page.locator('dialog').waitFor();
    },
  },
  palette: {
    address: '#/overview',
    ready: '[data-port], .mrow',
    first: async (page) => {
      await page.keyboard.press('/');
      await page.locator('dialog [role=option]').first().waitFor();
    },
  },
  keys: {
    address: '#/overview',
    ready: '[data-port], .mrow',
    first: async (page) => {
      await page.keyboard.press('?');
      await page.locator('dialog').waitFor();
    },
  },
};
const looks = [
  { language: 'en', theme: 'light', width: 1440, height: 900 },
  { language: 'zh', theme: 'dark', width: 1440, height: 900 },
  { language: 'zh', theme: 'light', width: 390, height: 844 },
  { language: 'en', theme: 'dark', width: 390, height: 844 },
];
/** History, and what is fetched with a view, come after it. */
const SETTLE_MS = 1_500;

async function pictureOf(page: Page): Promise<Buffer> {
  if (format === 'png') return page.screenshot();
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 90 });
  return Buffer.from(data, 'base64');
}

/** Every view in one page, as a person goes through them; a dialog is closed before the next. */
async function takeAll(browser: Browser, wanted: readonly (readonly [string, View])[], look: (typeof looks)[number]) {
  const { language, theme, width, height } = look;
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce', locale });
  await page.addInitScript((colours) => {
    localStorage.setItem('quaywatch.theme', colours);
    for (const seen of ['overview', 'port', 'measures', 'alerts', 'rules', 'replay'])
      localStorage.setItem(`quaywatch.${seen}-intro`, 'seen');
  }, theme);
  for (const [name, view] of wanted)
    try {
      await page.goto(`${url}/${view.address}`);
      await page.locator(view.ready).first().waitFor();
      await view.first?.(page);
      await page.waitForTimeout(SETTLE_MS);
      writeFileSync(join(folder, `${name}-${language}-${theme}-${width}.${format}`), await pictureOf(page));
      while ((await page.locator('dialog').count()) > 0) {
        await page.keyboard.press('Escape');
        await page.locator('dialog').first().waitFor({ state: 'detached' });
      }
    } catch (error) {
      console.error(`${name}, ${language}, ${width}: ${error}`);
      process.exitCode = 1;
    }
  await page.close();
}

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const wanted = Object.entries(views).filter(([name]) => only === '' || only.split(',').includes(name));
  for (const look of looks) await takeAll(browser, wanted, look);
} finally {
  await browser.close();
}
