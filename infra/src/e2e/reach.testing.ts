/** That everybody reaches everything: by keys alone, by ear, without motion, in every look, and when something fails. Tests of the desk's product. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventually } from '../testing.ts';
import { DESK, faultsOf } from './accessibility.testing.ts';
import { type Desk, hash, rows, TELEPHONE } from './desk.testing.ts';

const framesOf = (page: Page) => page.evaluate(() => window.quaywatch.frames);
async function frames(page: Page, count: number): Promise<void> {
  const before = await framesOf(page);
  await eventually('frames come', async () => (await framesOf(page)) >= before + count, 30_000);
}

/** What a script of the page counts for a test. */
declare global {
  interface Window {
    counted: { tones: number; notices: string[]; spoken: string[] };
  }
}

/** Sound and notifications are counted instead of made. Runs in the page. */
function count(): void {
  const counted = { tones: 0, notices: [] as string[], spoken: [] as string[] };
  window.counted = counted;
  window.OscillatorNode = class extends OscillatorNode {
    override start(when?: number): void {
      counted.tones += 1;
      super.start(when);
    }
  };
  window.Notification = class extends EventTarget {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor(title: string) {
      super();
      counted.notices.push(title);
    }
  } as unknown as typeof Notification;
}

/** Backgrounds of a port's rate while it is washed. Set and read at once: the page takes its own washes back. */
const washes = (page: Page) =>
  page
    .locator('.kpis span')
    .first()
    .evaluate((figure: HTMLElement) =>
      ['up', 'down'].map((direction) => {
        figure.dataset['tick'] = direction;
        const { backgroundColor } = getComputedStyle(figure);
        delete figure.dataset['tick'];
        return backgroundColor;
      }),
    );
const NO_WASH = 'rgba(0, 0, 0, 0)';

/** What changes inside of live regions from now on. */
async function listenToRegions(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.counted.spoken = [];
    const live = '[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], output';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(live);
        if (region !== null && region !== undefined) window.counted.spoken.push(region.textContent ?? '');
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

async function alertOf(desk: Desk): Promise<{ alert_id: string; acknowledged: { by: string } | null }> {
  type Open = { alerts: { alert_id: string; kind: string; acknowledged: { by: string } | null }[] };
  const { alerts } = await desk.fetched<Open>('alerts?state=open');
  const stall = alerts.find(({ alert_id, kind }) => kind === 'stall' && alert_id.startsWith('CNNGB'));
  if (stall === undefined) throw new Error('The stall is not open.');
  return stall;
}

async function heardAndSeen(desk: Desk): Promise<void> {
  const page = await desk.open('#/alerts', {}, { before: count });
  const counted = () => page.evaluate(() => window.counted);
  await page.getByRole('button', { name: 'Sound: off' }).click();
  await page.getByRole('button', { name: 'Browser notifications: off' }).click();
  await page.getByRole('button', { name: 'Browser notifications: on' }).waitFor();
  expect((await counted()).tones).toBe(2);
  await page.reload();
  await page.getByRole('button', { name: 'Sound: on' }).waitFor();
  expect((await counted()).tones).toBe(0);
  await frames(page, 2);
  const asked = await fetch(`${desk.url}/api/v1/receivers/page/test`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'Li' }),
  });
  expect(asked.ok).toBe(true);
  await eventually('the test is shown', async () => (await counted()).notices.includes('Quaywatch: test'), 30_000);
  // The stall may be told meanwhile.
  const { tones, notices } = await counted();
  expect(tones).toBe(2 * notices.length);
  await page.context().close();
}

/** Every stop of the tab key: inside of the window, with an outline, until the first comes again. */
async function stopsOf(page: Page, max: number): Promise<string[]> {
  const faults: string[] = [];
  for (let stop = 0; stop < max; stop += 1) {
    await page.keyboard.press('Tab');
    const fault = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return '';
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { bottom, top, right, left } = element.getBoundingClientRect();
      const name = element.outerHTML.slice(0, 90);
      if (outlineStyle === 'none' || outlineWidth === '0px') return `no outline: ${name}`;
      return bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth ? `out of sight: ${name}` : '';
    });
    if (fault !== '') faults.push(fault);
  }
  return faults;
}

/** No pointer: to a port, its chart and its table, to the alert, acknowledged, and back. */
async function sessionByKeys(desk: Desk): Promise<void> {
  const page = await desk.open('#/overview', { locale: 'zh-CN' }, { theme: 'dark' });
  await rows(page).nth(35).waitFor();
  expect(await stopsOf(page, 70)).toEqual([]);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const keys = async (...list: string[]) => {
    for (const key of list) await page.keyboard.press(key);
  };
  await keys('/');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('宁波舟山');
  await keys('Enter');
  await page.locator('.u-over').waitFor();
  expect(await hash(page)).toContain('#/port/CNNGB');
  await keys('3');
  await eventually('hours', async () => (await hash(page)).includes('size=hour'));
  await keys('t');
  await page.locator('.point-table tbody tr').nth(20).waitFor();
  await keys('t', 'g', 'a');
  await page.locator('main.v-alerts [data-alert]').first().waitFor();
  const { alert_id } = await alertOf(desk);
  const chosen = () => page.evaluate(() => document.activeElement?.getAttribute('data-alert'));
  for (let step = 0; step < 60 && (await chosen()) !== alert_id; step += 1) await keys('Tab');
  await keys('Enter');
  await eventually('the stall is open', async () => (await hash(page)).includes(encodeURIComponent(alert_id)));
  // The address is there before the view is: a dialog that is opened in between closes with the view that it was opened on.
  await page.locator('main.v-alerts.has-one').waitFor();
  await keys('a');
  await page.locator('dialog').waitFor();
  await page.getByLabel('姓名').waitFor();
  for (let step = 0; step < 8; step += 1) {
    if (await page.evaluate(() => document.activeElement?.matches('dialog input.in'))) break;
    await keys('Tab');
  }
  await page.keyboard.type('王');
  await keys('Tab');
  await page.keyboard.type('已派人');
  await keys('Tab', 'Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await eventually('it is acknowledged', async () => (await alertOf(desk)).acknowledged?.by === '王');
  await page.locator('.a-head .ack', { hasText: '已派人' }).waitFor();
  await keys('l');
  await rows(page).first().waitFor();
  await page.context().close();
}

async function faultsAreSaid(desk: Desk): Promise<void> {
  const page = await desk.open('#/port/XXXXX', { viewport: TELEPHONE });
  await page.getByText('There is no port XXXXX.').waitFor();
  await page.route('**/api/v1/throughput**', (route) => route.fulfill({ status: 503, json: {} }));
  await page.goto(`${desk.url}/#/port/CNSHA`);
  await page.locator('.chart-failure', { hasText: '503' }).waitFor();
  await page.unroute('**/api/v1/throughput**');
  await page.locator('.chart-failure').getByRole('button', { name: 'Retry' }).click();
  await page.locator('.chart-failure').waitFor({ state: 'detached' });
  await page.goto(`${desk.url}/#/port/CNSHA?from=1577836800000&to=1577923200000`);
  await page.getByText('No window of this stretch is stored.').waitFor();
  await page.goto(`${desk.url}/#/replay`);
  await page.getByText('No run yet. Replay the first half of 2025').waitFor();
  await page.goto(`${desk.url}/#/alerts?kind=drift`);
  await page.getByText('No alert of this list matches the filter.').waitFor();
  await page.reload();
  expect(await page.getByLabel('Kind').inputValue()).toBe('drift');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.locator('[data-alert]').first().waitFor();
  await page.routeWebSocket(/\/ws$/, () => {});
  await page.goto(`${desk.url}/?again#/overview`);
  await page.getByText('Waiting for the first figures of the gateway.').waitFor();
  await page.context().close();
}

async function lookFaults(desk: Desk, locale: string, theme: 'light' | 'dark'): Promise<string[]> {
  const page = await desk.open('#/overview', { locale }, { theme, isNew: true });
  const faults: string[] = [];
  const check = async (what: string, address: string, ready: string) => {
    await page.goto(`${desk.url}/${address}`);
    await page.locator(ready).first().waitFor();
    faults.push(...(await faultsOf(page, `${what} ${locale.slice(0, 2)} ${theme}`)));
  };
  await rows(page).nth(35).waitFor();
  await check('overview', '#/overview', 'tr[data-port]');
  await check('port', '#/port/CNNGB', '.u-over');
  await check('measures', '#/measures', '.me-ports tr[data-port]');
  await check('alerts', '#/alerts', 'main.v-alerts [data-alert]');
  await check('replay', '#/replay', '.presets');
  await check('map', '#/map', '.v-map svg, .map-box svg');
  await check('kiosk', '?kiosk#/overview', 'main.kiosk tr[data-port]');
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const stretch = `from=${endMs - 4 * 3_600_000}&to=${endMs}&at=${endMs - 3 * 3_600_000}`;
  await check('playing', `#/replay/live?${stretch}`, 'section.tl button:is([aria-label=Pause], [aria-label=暂停])');
  await page.goto(`${desk.url}/#/overview`);
  await rows(page).first().waitFor();
  const dialogs = theme === 'light' ? ['/', 't'] : ['?'];
  for (const key of dialogs) {
    await page.keyboard.press(key);
    await page.locator('dialog').waitFor();
    faults.push(...(await faultsOf(page, `dialog ${key === '/' ? 'search' : key === 't' ? 'figures' : 'keys'}`)));
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  }
  await page.context().close();
  return faults;
}

/** @param desk as it is when a test runs. */
export function reachTests(desk: () => Desk): void {
  test('sound and notifications by choice, kept, and only for what is told', () => heardAndSeen(desk()), 60_000);

  test('figures that tick are in no live region, and nothing moves for those who want no motion', async () => {
    const page = await desk().open('#/overview', {}, { before: count });
    await rows(page).nth(35).waitFor();
    for (const address of ['#/overview', '#/port/CNNGB']) {
      await page.goto(`${desk().url}/${address}`);
      await frames(page, 2);
      if (address !== '#/overview') await page.locator('.u-over').hover();
      await listenToRegions(page);
      await frames(page, 8);
      expect((await page.evaluate(() => window.counted.spoken)).filter((text) => /\d/.test(text))).toEqual([]);
    }
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    const washed = await washes(page);
    expect(washed).not.toContain(NO_WASH);
    expect(new Set(washed).size).toBe(2);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await washes(page)).toEqual([NO_WASH, NO_WASH]);
    await frames(page, 8);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    const moving = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('*')].flatMap((element) => {
          const { transitionDuration, animationDuration } = getComputedStyle(element);
          const isStill = `${transitionDuration} ${animationDuration}`
            .split(/[ ,]+/)
            .every((one) => Number.parseFloat(one) < 0.01);
          return isStill ? [] : [element.outerHTML.slice(0, 80)];
        }),
      );
    expect(await moving()).toEqual([]);
    await page.context().close();
  }, 90_000);

  test('a whole session by keys alone, every stop in sight', () => sessionByKeys(desk()), 90_000);
  test('what is empty, wrong or awaited says what to do', () => faultsAreSaid(desk()), 60_000);

  test.each([
    ['en-GB', 'light'],
    ['en-GB', 'dark'],
    ['zh-CN', 'light'],
    ['zh-CN', 'dark'],
  ] as const)(
    'axe-core finds no fault in any view, and none is too wide: %s, %s',
    async (locale, theme) => {
      expect(DESK.width).toBe(1440);
      expect(await lookFaults(desk(), locale, theme)).toEqual([]);
    },
    120_000,
  );
}
