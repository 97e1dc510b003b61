/**
 * `node web/dashboard/bench/screenshots.ts [URL] [DIRECTORY] [CHROMIUM]`: pictures of every view of a running page, in English and Chinese, light and dark,
 * at a desk's and a telephone's size. Judges nothing: they are for the eye.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:8080';
const directory = process.argv[3] ?? join(import.meta.dirname, '..', '..', '..', 'docs', 'screenshots');
/** What must be there before the picture is taken. */
const views: Readonly<Record<string, { address: string; ready: string }>> = {
  overview: { address: '#/overview', ready: '[data-port], .m-top' },
  port: { address: '#/port/CNNGB', ready: '.chart-canvas canvas' },
  measures: { address: '#/measures', ready: '.me-ports .me-fig, .share-chart' },
  alerts: { address: '#/alerts', ready: 'main' },
  rules: { address: '#/rules', ready: 'main' },
  replay: { address: '#/replay', ready: '.presets' },
  kiosk: { address: '?kiosk#/overview', ready: '.kiosk' },
};
const looks = [
  { language: 'en', theme: 'light', width: 1440, height: 900 },
  { language: 'zh', theme: 'dark', width: 1440, height: 900 },
  { language: 'zh', theme: 'light', width: 390, height: 844 },
  { language: 'en', theme: 'dark', width: 390, height: 844 },
];

async function take(browser: Browser, name: string, look: (typeof looks)[number]): Promise<void> {
  const { language, theme, width, height } = look;
  const view = views[name];
  if (view === undefined) return;
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce' });
  await page.addInitScript(
    ([lang, colours]) => {
      localStorage.setItem('quaywatch.language', lang ?? 'en');
      localStorage.setItem('quaywatch.theme', colours ?? 'light');
    },
    [language, theme],
  );
  await page.goto(`${url}/${view.address}`);
  await page.locator(view.ready).first().waitFor({ timeout: 60_000 });
  // History and what is fetched with a view come after it.
  await page.waitForTimeout(4_000);
  await page.screenshot({ path: join(directory, `${name}-${language}-${theme}-${width}.png`) });
  await page.close();
}

mkdirSync(directory, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.argv[4] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const name of Object.keys(views)) for (const look of looks) await take(browser, name, look);
} finally {
  await browser.close();
}
