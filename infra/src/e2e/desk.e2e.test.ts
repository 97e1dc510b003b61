/** What a person does at the overview and at a port: table, files, tables behind charts, links, keys, palette, settings. Asserts what is seen. */
import { delay } from '@quaywatch/runtime';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, temporaryDirectory } from '../testing.ts';
import { codes, type Desk, hash, LOOKS, numberOf, openDesk, rows, TABLET, TELEPHONE } from './desk.testing.ts';
import { NINGBO_STALL, openBrowser, type Product, startProduct, stopProduct } from './product.testing.ts';
import { reachTests } from './reach.testing.ts';

const scenario = {
  name: 'desk',
  gives_back: false,
  imperfect: false,
  events: [NINGBO_STALL],
};

const directory = temporaryDirectory();
let product: Product;
let browser: Browser;
let desk: Desk;
let page: Page;

beforeAll(async () => {
  product = await startProduct(directory.path, scenario);
  browser = await openBrowser();
  desk = await openDesk(browser, product.url, directory.path);
  page = desk.page;
  await rows(page).nth(35).waitFor({ timeout: 90_000 });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  if (product !== undefined) await stopProduct(product.child);
  directory.remove();
});

test('a first visit explains itself in place, once', async () => {
  const guest = await desk.open('#/overview', { locale: 'zh-CN', viewport: TELEPHONE }, { theme: 'dark', isNew: true });
  const sentence = guest.locator('.r-intro');
  await guest.locator('.r-intro', { hasText: '模拟' }).waitFor();
  await guest.getByRole('button', { name: '知道了' }).click();
  await sentence.waitFor({ state: 'detached' });
  await guest.reload();
  await guest.locator('.mrow').first().waitFor();
  expect(await sentence.count()).toBe(0);
  await guest.goto(`${desk.url}/#/alerts`);
  await guest.locator('.r-intro', { hasText: '静默' }).waitFor();
  await guest.context().close();
});

test.each(LOOKS)(
  'the table is sorted, filtered and grouped; its rates add up to the nation: $name',
  async (look) => {
    const { locale, theme, viewport, words } = look;
    const page = await desk.open('#/overview', { locale, viewport }, { theme });
    await rows(page).nth(35).waitFor();
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const column = async (child: number) =>
      (await page.locator(`tr[data-port] td:nth-child(${child})`).allTextContents()).map(numberOf);
    await eventually('the sum is the nation', async () => {
      const sum = (await column(3)).filter((rate) => !Number.isNaN(rate)).reduce((a, b) => a + b, 0);
      return Math.abs(sum - numberOf(await page.getByTestId('national-rate').textContent())) <= 18;
    });
    await page.getByRole('group', { name: words.order }).getByRole('button', { name: words.rate }).click();
    // Rows keep their order while the focus is among them; a port may have passed its neighbour by a few boxes since.
    const isFalling = (values: readonly number[]) =>
      values.every((value, index) => value <= (values[index - 1] ?? value) * 1.02 + 20);
    await press(words.ytd);
    const ytd = new Map((await desk.ports()).map((port) => [port.port, port.ytd]));
    await eventually('largest first', async () => isFalling((await codes(page)).map((code) => ytd.get(code) ?? 0)));
    await press(words.today);
    // Counted from the end: a port without a feed has one cell for its chart and its rate.
    const today = async () =>
      (await page.locator('tr[data-port] td:nth-last-child(5)').allTextContents()).map(numberOf);
    // After a start figures rise fast; rows go to their new places once neither pointer nor focus is among them.
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await eventually('most of today first', async () => isFalling(await today()), 30_000);
    await press(words.port);
    const names = () => page.locator('tr[data-port] .pn').allTextContents();
    await eventually('by name', async () => {
      const shown = await names();
      return shown.join() === [...shown].sort((one, other) => one.localeCompare(other, locale)).join();
    });

    // Without a wait: the filter has the focus before the next letter comes.
    await page.keyboard.press('f');
    await page.keyboard.type(words.part);
    await eventually('only what matches', async () => (await rows(page).count()) < 10);
    const found = await names();
    expect(found.filter((name) => !name.toLowerCase().includes(words.part))).toEqual([]);
    await page.keyboard.type('xyz');
    await page.getByText(words.finds).waitFor();
    await press(words.clear);
    await eventually('all are back', async () => (await rows(page).count()) === 36);

    await press(words.cluster);
    const clusterOf = new Map((await desk.ports()).map((port) => [port.port, port.cluster]));
    await eventually('a cluster is a group', async () => {
      const groups = await page
        .locator('.tbl tbody')
        .evaluateAll((bodies) =>
          bodies.map((body) =>
            [...body.querySelectorAll('[data-port]')].map((row) => row.getAttribute('data-port') ?? ''),
          ),
        );
      return groups.map((group) => new Set(group.map((code) => clusterOf.get(code))).size).join() === '1,1,1,1';
    });
    await press(words.byNeed);
    await eventually('the stall is first', async () => (await codes(page))[0] === 'CNNGB');
    await page.context().close();
  },
  60_000,
);

/** File and API are asked one after the other, and Chromium lets a page save ten files at most in quick succession. */
const notYet = () => delay(3_000).then(() => false);

test('the files hold what the API says', async () => {
  await eventually(
    'the table of ports',
    async () => {
      const { head, cells, about } = await desk.csv();
      expect(about).toContain('simulated feeds');
      const at = (name: string) => head.indexOf(name);
      const said = new Map((await desk.ports()).map((port) => [port.port, port]));
      const isSame = (row: string[]) => {
        const port = said.get(row[at('port')] ?? '');
        return port?.rate === Number(row[at('rate_teu_h')]) && port.expected === Number(row[at('expected_teu_h')]);
      };
      return (cells.length === 36 && cells.every(isSame)) || (await notYet());
    },
    60_000,
  );
  await page.goto(`${desk.url}/#/port/CNNGB`);
  await page.locator('.u-over').waitFor();
  type Windows = { windows: { start_ms: number; teu: number | null; expected: number | null }[] };
  await eventually('the windows of a port', async () => {
    const { cells } = await desk.csv();
    const { windows } = await desk.fetched<Windows>('throughput?port=CNNGB&size=5m');
    const said = new Map(windows.map((one) => [one.start_ms, one]));
    const shared = cells.filter((row) => row[10] === 'false' && said.has(Date.parse(row[0] ?? '')));
    const isSame = (row: string[]) => {
      const one = said.get(Date.parse(row[0] ?? ''));
      return String(one?.teu ?? '') === row[1] && String(one?.expected ?? '') === row[3];
    };
    return (shared.length > 250 && shared.every(isSame)) || (await notYet());
  });
}, 90_000);

test.each(LOOKS)(
  'a port moves, its stopped terminals come first, the cursor is moved and spoken by keys, the table says the same: $name',
  async (look) => {
    const { locale, theme, viewport, words } = look;
    const page = await desk.open('#/port/CNNGB', { locale, viewport }, { theme });
    await page.locator('.u-over').waitFor();
    const figures = () => page.locator('.kpis').textContent();
    const states = page.locator('.below table').first().locator('tbody tr td:nth-child(8)');
    await states.nth(4).waitFor();
    const first = await figures();
    await eventually('its figures move', async () => (await figures()) !== first, 30_000);
    expect((await states.allTextContents()).slice(0, 5).map((state) => state.includes(words.stopped))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    const load = numberOf(await page.locator('.splits .num').first().textContent());
    const said = (await desk.ports()).find((port) => port.port === 'CNNGB')?.mix.load ?? 0;
    expect(Math.abs(load - said)).toBeLessThan(0.2);
    await page.locator('.chart-box').focus();
    for (let step = 0; step < 2; step += 1) await page.keyboard.press('ArrowLeft');
    const spoken = async () => words.spoken.exec((await page.locator('.chart-box output').textContent()) ?? '') ?? [];
    // Past windows come a moment after the chart.
    await eventually('a closed window is spoken', async () => {
      await page.keyboard.press('ArrowLeft');
      return (await spoken()).length > 0;
    });
    const [, time = '', teuPerHour = ''] = await spoken();
    await page.keyboard.press('+');
    await eventually('nearer', async () => /from=\d+|last=\d+/.test(await hash(page)));
    await page.keyboard.press('0');
    await page.keyboard.press('t');
    const row = page.locator('.point-table tbody tr', { hasText: time }).first();
    const teu = numberOf(await row.locator('td').nth(1).textContent());
    // A window of five minutes, told in TEU an hour by the chart; both are rounded.
    expect(Math.abs(teu * 12 - numberOf(teuPerHour))).toBeLessThanOrEqual(7);
    await page.keyboard.press('t');
    await page.locator('.berths').getByRole('button', { name: words.table }).click();
    await page.locator('.berths tbody tr').first().waitFor();
    await page.context().close();
  },
  60_000,
);

test('a frozen link shows another person, in the other language and theme, the same windows', async () => {
  await page.getByRole('button', { name: 'Share' }).click();
  const frozen = await page.locator('.share-link input').nth(1).inputValue();
  await page.keyboard.press('Escape');
  await page.goto(frozen);
  const other = await desk.open(new URL(frozen).hash, { locale: 'zh-CN', viewport: TABLET }, { theme: 'dark' });
  const cells = async (of: Page) => {
    await of.locator('.u-over').waitFor();
    await of.locator('body').press('t');
    const teu = of.locator('.point-table tbody td:nth-child(2)');
    await teu.nth(40).waitFor();
    return teu.allTextContents();
  };
  expect((await cells(other)).slice(1)).toEqual((await cells(page)).slice(1));
  await other.context().close();
}, 60_000);

test('keys, palette, colour sense, units and pause', async () => {
  for (const [keys, view] of [
    ['gm', 'measures'],
    ['ga', 'alerts'],
    ['gu', 'rules'],
    ['gr', 'replay'],
    ['go', 'overview'],
  ] as const) {
    for (const key of keys) await page.keyboard.press(key);
    await eventually(`${keys} leads to ${view}`, async () => (await hash(page)).startsWith(`#/${view}`));
  }
  await rows(page).first().waitFor();
  await page.keyboard.press('t');
  await page
    .getByRole('table', { name: /^National rate/ })
    .locator('tbody tr')
    .nth(20)
    .waitFor();
  await page
    .getByRole('table', { name: /^Distance from/ })
    .locator('tbody tr')
    .nth(20)
    .waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });

  const command = async (words: string) => {
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(words);
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
  };
  const upColour = () =>
    page
      .locator('td .up')
      .first()
      .evaluate((element) =>
        getComputedStyle(element)
          .color.match(/[\d.]+/g)
          ?.map(Number),
      );
  for (const [words, dominant] of [
    ['red up', 0],
    ['green up', 1],
  ] as const) {
    await command(words);
    const colour = (await upColour()) ?? [];
    expect(colour.slice(0, 3).indexOf(Math.max(...colour.slice(0, 3)))).toBe(dominant);
  }
  await command('blue up');
  await command('chinese');
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  const said = (await desk.ports()).find((port) => port.port === 'CNSHA')?.ytd ?? 0;
  const shown = (await page.locator('tr[data-port=CNSHA] td:nth-child(7)').textContent()) ?? '';
  expect(shown).toBe(`${Math.round(said / 10_000)}万`);
  await command('English');
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('share');
  await page.keyboard.press('Enter');
  await page.locator('.share-link input').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await command('CNSZX');
  expect(await hash(page)).toContain('#/port/CNSZX');
  await page.keyboard.press('g');
  await page.keyboard.press('o');

  await rows(page).first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = (await codes(page))[1];
  await page.keyboard.press('Enter');
  await eventually('the second row is opened', async () => (await hash(page)).startsWith(`#/port/${second}`));
  await page.keyboard.press('Escape');
  await rows(page).first().waitFor();

  await page.locator('body').press(' ');
  await page.locator('.chip.pause').waitFor();
  const foot = await page.locator('footer').textContent();
  await page.locator('.chip.pause', { hasNotText: 'PAUSED, 0 ' }).waitFor();
  expect(await page.locator('footer').textContent()).toBe(foot);
  await page.locator('body').press(' ');
  await page.locator('.chip.pause').waitFor({ state: 'detached' });
}, 90_000);

reachTests(() => desk);
