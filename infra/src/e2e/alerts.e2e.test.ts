/**
 * A stall from the feed to the desk that is told of it, with two people at two browsers: whatever one does, the other sees at once. Li sits
 * at a desk and reads English by day, Chen holds a tablet and reads Chinese by night.
 * `SCREENSHOTS=<folder>` keeps a picture of every view, in both sizes, languages and themes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, temporaryDirectory } from '../testing.ts';
import { DESK, faultsOf } from './accessibility.testing.ts';
import { TABLET } from './desk.testing.ts';
import { NINGBO_STALL, openBrowser, type Product, picture, startProduct, stopProduct } from './product.testing.ts';
import { type Desk, isSigned, openDesk } from './webhook.testing.ts';

const scenario = {
  name: 'alerts',
  gives_back: false,
  imperfect: false,
  events: [NINGBO_STALL],
};
const SECRET = 'between the quay and the desk';
const AT_ONCE_MS = 30_000;

const directory = temporaryDirectory();
let product: Product;
let desk: Desk;
let browser: Browser;
let li: Page;
let chen: Page;
let incident = '';
const errors: string[] = [];

async function open(name: string, look: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(look);
  await context.addInitScript((by) => {
    localStorage.setItem('quaywatch.name', by);
    localStorage.setItem('quaywatch.rules-intro', 'seen');
  }, name);
  const page = await context.newPage();
  page.setDefaultTimeout(AT_ONCE_MS);
  page.on('pageerror', (error) => errors.push(`${name}: ${error.stack}`));
  await page.goto(`${product.url}/#/alerts`);
  // A reload would lose it.
  await page.evaluate(() => {
    document.body.dataset['opened'] = 'once';
  });
  return page;
}

beforeAll(async () => {
  // What is told first of an alert is refused once: the desk has trouble, and is told again.
  desk = await openDesk(({ alerts }, before) =>
    alerts.length > 0 && before.every(({ status }) => status === 200) ? 503 : 200,
  );
  const receivers = join(directory.path, 'receivers.json');
  const hook = { name: 'desk', type: 'webhook', url: desk.url, allow_private: true, secret: { env: 'DESK_SECRET' } };
  writeFileSync(receivers, JSON.stringify({ receivers: [hook] }));
  product = await startProduct(directory.path, scenario, { QUAYWATCH_RECEIVERS: receivers, DESK_SECRET: SECRET });
  browser = await openBrowser();
  li = await open('Li', { locale: 'en-GB', viewport: DESK, colorScheme: 'light' });
  chen = await open('Chen', { locale: 'zh-CN', viewport: TABLET, colorScheme: 'dark' });
});
afterAll(async () => {
  await browser?.close();
  if (product !== undefined) await stopProduct(product.child);
  await desk?.close();
  directory.remove();
});

const look = async (page: Page, hash: string) => {
  await page.goto(`${product.url}/#/${hash}`);
};
const lookAtIncident = (page: Page) => look(page, `alerts/${encodeURIComponent(incident)}`);
const listed = (page: Page) => page.locator('main.v-alerts nav [data-alert]');
const sign = async (page: Page, note: string) => {
  if (note !== '') await page.locator('dialog textarea').fill(note);
  await page.locator('dialog button[type=submit]').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
};
const numbersOf = async (cells: Locator) => (await cells.allTextContents()).map(Number);

/** The alerts of the port about its throughput and its feeds. The mix of handling is another subject. */
const idsOf = async (page: Page) =>
  (
    await listed(page).evaluateAll((items) => items.map((item) => (item instanceof HTMLElement ? item.dataset : {})))
  ).flatMap(({ alert = '' }) => (alert.startsWith('CNNGB') && !alert.includes('-mix-') ? [alert] : []));

async function fetched<T>(path: string): Promise<T> {
  const answer = await fetch(`${product.url}/api/v1/${path}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

test('a stall raises exactly one incident, the same in both browsers', async () => {
  for (const page of [li, chen]) {
    await eventually('the stall is listed', async () => (await idsOf(page)).length > 0, 60_000);
    expect(await page.locator('.a-head h1').textContent()).not.toBe('');
  }
  const ids = await idsOf(li);
  expect(ids).toHaveLength(1);
  expect(await idsOf(chen)).toEqual(ids);
  incident = ids[0] ?? '';
  await lookAtIncident(li);
  await li.locator('.a-head h1', { hasText: 'Ningbo-Zhoushan: 4 of 11 terminals stopped' }).waitFor();
  expect(await li.locator('.a-head').textContent()).toContain('rule “stall” v0');
});

test('a route that a person saves reaches the desk: signed, once by its key, and told again when the desk had trouble', async () => {
  await look(chen, 'rules/versions');
  await look(li, 'rules/routes');
  await li.getByRole('button', { name: 'Add a route below this one' }).click();
  const route = li.locator('details.r-entry details.r-entry');
  await route.getByRole('button', { name: 'Add a condition' }).click();
  await route.locator('.matcher').getByRole('button', { name: 'stall', exact: true }).click();
  await route.getByLabel('Receiver').selectOption('desk');
  await route.getByLabel('First message after').fill('0s');
  await li.getByRole('button', { name: 'Save…' }).click();
  await sign(li, 'stalls to the desk');
  await li.getByText('Version 1 is saved').waitFor();
  await chen.locator('tr[data-version="1"]', { hasText: 'stalls to the desk' }).waitFor();

  const toldOf = () => desk.deliveries.filter(({ body }) => body.alerts.length > 0);
  await eventually('the desk is told, and again', () => toldOf().some(({ status }) => status === 200), 60_000);
  const [refused, taken] = toldOf();
  expect(refused?.status).toBe(503);
  expect(taken?.key).toBe(refused?.key);
  expect(taken?.body.alerts).toEqual(refused?.body.alerts);
  for (const delivery of toldOf())
    expect([isSigned(delivery, SECRET), isSigned(delivery, 'no')]).toEqual([true, false]);
  expect(taken?.body).toMatchObject({
    version: '4',
    status: 'firing',
    receiver: 'desk',
    reason: 'new',
    simulated: true,
    groupLabels: { port: 'CNNGB' },
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'stall', alert_id: incident, port: 'CNNGB', level: 'port' },
        endsAt: '0001-01-01T00:00:00Z',
      },
    ],
  });
  expect(taken?.key).toBe(taken?.body.id);
  expect(taken?.body.alerts[0]?.annotations['summary']).toContain('Ningbo-Zhoushan: 4 of 11 terminals stopped');
  for (const [page, told] of [
    [li, 'Told desk (new): delivered, 2 attempts'],
    [chen, '已通知 desk（新告警）：已送达，共 2 次'],
  ] as const) {
    await lookAtIncident(page);
    await page.locator('ol.ev li', { hasText: told }).waitFor();
  }
});

test('a test of a receiver reaches it, and the page says what came of it', async () => {
  await look(li, 'rules/receivers');
  const row = li.locator('tr[data-receiver=desk]');
  expect(await row.textContent()).toContain(new URL(desk.url).origin);
  expect(await li.locator('main').textContent()).not.toContain(SECRET);
  await row.getByRole('button', { name: 'Send test' }).click();
  await sign(li, '');
  await row.getByText(/delivered \d+ ms/).waitFor();
  const tests = desk.deliveries.filter(({ body }) => body.reason === 'test');
  expect(tests).toHaveLength(1);
  expect(tests.every((delivery) => isSigned(delivery, SECRET))).toBe(true);
  expect(tests[0]?.body.alerts).toEqual([]);
});

test('an acknowledgement with owner and note is seen by the other at once', async () => {
  await lookAtIncident(chen);
  await lookAtIncident(li);
  expect(await li.locator('.ack').count()).toBe(0);
  await chen.locator('.a-head').getByRole('button', { name: '确认' }).click();
  await sign(chen, 'calling the terminals');
  await chen.locator('.a-head .ack', { hasText: 'Chen 已确认：“calling the terminals”' }).waitFor();
  await li.locator('.a-head .ack', { hasText: 'Acknowledged by Chen: “calling the terminals”' }).waitFor();
  await li.locator(`[data-alert="${incident}"]`, { hasText: 'seen by Chen' }).waitFor();
  expect(await li.locator('.a-head').getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
});

test('a silence of the port is previewed, and the other sees what it holds back', async () => {
  await li.locator('.a-head').getByRole('button', { name: 'Silence…' }).click();
  await li.getByRole('button', { name: 'Remove the condition on kind' }).click();
  const { alerts } = await fetched<{ alerts: unknown[] }>('alerts?state=open&port=CNNGB');
  const preview = li.getByRole('region', { name: 'What this would hold back now' });
  await preview.getByText(new RegExp(`^Holds back ${alerts.length} open alerts? now$`)).waitFor();
  expect(await preview.textContent()).toContain('Ningbo-Zhoushan: 4 of 11 terminals stopped');
  await sign(li, 'berths are swept');

  await chen.getByRole('button', { name: '静默规则 1' }).click();
  const silence = chen.locator('[data-silence]');
  await silence.waitFor();
  for (const part of ['港口为宁波舟山', 'Li', 'berths are swept']) expect(await silence.textContent()).toContain(part);
  await chen.getByRole('button', { name: /^未结 / }).click();
  expect(await idsOf(chen)).toEqual([]);
  await chen.getByRole('button', { name: `静默 ${alerts.length}` }).click();
  await eventually('it is listed as silenced', async () => (await idsOf(chen)).includes(incident));
  await chen.getByText(/静默至 .*港口为宁波舟山 \(Li\)/).waitFor();
});

type Comparison = { readonly kinds: readonly string[]; readonly before: number[]; readonly after: number[] };

async function comparisonOf(page: Page): Promise<Comparison> {
  const rows = page.locator('.bt-result tbody tr');
  return {
    kinds: await rows.locator('td:nth-child(1)').allTextContents(),
    before: await numbersOf(rows.locator('td:nth-child(2)')),
    after: await numbersOf(rows.locator('td:nth-child(3)')),
  };
}

test('a rule is edited, back-tested over two days and saved; the other sees the version at once', async () => {
  await look(chen, 'rules/versions');
  await look(li, 'rules/stall');
  const field = (name: string) => li.getByLabel(`stall: ${name}`, { exact: true });
  const save = li.getByRole('button', { name: 'Save…' });
  await field('Threshold').fill('-4');
  await li.locator('tr[data-kind=stall] .problem').waitFor();
  expect(await save.isDisabled()).toBe(true);
  await field('Threshold').fill('2');
  await field('At least, %').fill('30');
  await li.locator('tr[data-kind=stall] .problem').waitFor({ state: 'detached' });

  await li.locator('.bt-form input[type=date]').first().fill('2025-03-04');
  await li.locator('.bt-form input[type=date]').last().fill('2025-03-06');
  await li.locator('.bt-form button[type=submit]').click();
  await li.locator('.bt-result').waitFor({ timeout: 150_000 });
  const { kinds, before, after } = await comparisonOf(li);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const stall = kinds.indexOf('stall');
  expect(after[stall]).toBeGreaterThan(before[stall] ?? 0);
  const result = (await li.locator('.bt-result').textContent()) ?? '';
  expect(result).toContain(`Would have fired ${sum(after)} time`);
  expect(result).toContain(`The rules in force: ${sum(before)}. In both: `);
  const both = Number(/In both: (\d+)/.exec(result)?.[1]);
  const gained = li.locator('.bt-result details', { hasText: /^Only by the draft/ });
  expect(await gained.locator('a.li').count()).toBe(sum(after) - both);
  expect(await gained.textContent()).toMatch(/stopped/);
  await picture(li, 'backtest');
  const { runs } = await fetched<{ runs: { run: string; state: string; source: string }[] }>('runs?backtests=true');
  const ofBacktest = runs.filter(({ run }) => run.startsWith('bt-20250304-20250306-'));
  const recorded = { state: 'done', source: '2025-03-04_2025-03-06' };
  expect(ofBacktest).toMatchObject([recorded, recorded]);

  await save.click();
  expect(await li.locator('dialog').textContent()).toContain('8 → 2');
  await sign(li, 'keener on stalls');
  const version = chen.locator('tr[data-version="2"]', { hasText: 'keener on stalls' });
  await version.waitFor();
  expect(await version.textContent()).toContain('8 → 2');
  expect(await version.textContent()).toContain('Li');
}, 240_000);

async function faultsIn(locale: string, theme: string): Promise<string[]> {
  const context = await browser.newContext({ locale, viewport: DESK });
  await context.addInitScript((one) => localStorage.setItem('quaywatch.theme', one), theme);
  const page = await context.newPage();
  const faults: string[] = [];
  const check = async (what: string) => {
    faults.push(...(await faultsOf(page, `${what} ${locale.slice(0, 2)} ${theme}`)));
  };
  await lookAtIncident(page);
  await page.locator('ol.ev li').nth(2).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe(locale.replace('en-GB', 'en'));
  await check('alert');
  await page.locator('.a-head .acts button', { hasText: /^(Silence|静默)…$/ }).click();
  await page.locator('dialog .preview').waitFor();
  await check('silence');
  await page.keyboard.press('Escape');
  for (const section of ['detection', 'places', 'routes', 'held', 'receivers', 'versions']) {
    await look(page, `rules/${section}`);
    await page.locator(`.r-tabs a[aria-current=page][href$="${section}"]`).waitFor();
    await check(section);
  }
  await context.close();
  return faults;
}

test.each([
  ['en-GB', 'light'],
  ['en-GB', 'dark'],
  ['zh-CN', 'light'],
  ['zh-CN', 'dark'],
])('axe-core finds no fault in alerts, silence dialog and rules: %s, %s', async (locale, theme) => {
  expect(await faultsIn(locale, theme)).toEqual([]);
});

test('nobody was told twice by key, nothing of the silenced port was told, and no page was loaded anew', async () => {
  const taken = desk.deliveries.filter(({ status }) => status === 200).map(({ key }) => key);
  expect(new Set(taken).size).toBe(taken.length);
  const ofIncident = desk.deliveries.flatMap(({ body }) =>
    body.alerts.filter(({ labels }) => labels['port'] === 'CNNGB'),
  );
  expect(ofIncident).toHaveLength(2);
  for (const page of [li, chen]) {
    expect(await page.evaluate(() => document.body.dataset['opened'])).toBe('once');
    expect((await page.evaluate(() => window.quaywatch)).gaps).toBe(0);
  }
  expect(errors).toEqual([]);
});
