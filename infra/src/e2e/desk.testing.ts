/** A person at a desk: browsers of their own at a running product, and what is read off the page. Asserts nothing but that the API answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESK } from './accessibility.testing.ts';

export const TABLET = { width: 1024, height: 768 };
export const TELEPHONE = { width: 390, height: 844 };

const ENGLISH = {
  order: 'Order of ports',
  rate: 'Rate',
  ytd: 'YTD',
  today: 'Today',
  port: 'Port',
  part: 'zhou',
  finds: 'No port matches “zhouxyz”.',
  clear: 'Clear',
  cluster: 'Cluster',
  byNeed: 'By need',
  stopped: 'stopped',
  spoken: /(\d\d:\d\d): ([\d,]+) TEU\/h, expected/,
  table: 'Table',
};
const CHINESE: typeof ENGLISH = {
  order: '港口排序',
  rate: '速率',
  ytd: '年初至今',
  today: '今日',
  port: '港口',
  part: '州',
  finds: '没有港口匹配“州xyz”。',
  clear: '清除',
  cluster: '港口群',
  byNeed: '按需关注',
  stopped: '停工',
  spoken: /(\d\d:\d\d)：([\d,]+) TEU\/时，预期/,
  table: '表格',
};
/** At a desk and with a tablet, in both languages and themes. `words` are what the page calls what is pressed and read there. */
export const LOOKS = [
  { name: 'a desk, English, light', locale: 'en-GB', theme: 'light', viewport: DESK, words: ENGLISH },
  { name: 'a tablet, English, dark', locale: 'en-GB', theme: 'dark', viewport: TABLET, words: ENGLISH },
  { name: 'a tablet, Chinese, light', locale: 'zh-CN', theme: 'light', viewport: TABLET, words: CHINESE },
] as const;

const VIEWS = ['overview', 'port', 'measures', 'alerts', 'rules', 'replay'];

export type Port = {
  readonly port: string;
  readonly cluster: string;
  readonly rate: number;
  readonly expected: number;
  readonly ytd: number;
  readonly mix: { readonly load: number };
};

/** What a test needs of the product; `page` is the desk's own: English, light, 1440 wide, of somebody who has been here before. */
export type Desk = {
  readonly url: string;
  readonly page: Page;
  readonly open: (
    hash: string,
    options: BrowserContextOptions,
    more?: { theme?: 'light' | 'dark'; isNew?: boolean; before?: () => void },
  ) => Promise<Page>;
  readonly fetched: <T>(path: string) => Promise<T>;
  readonly ports: () => Promise<Port[]>;
  readonly csv: () => Promise<{ about: string; head: string[]; cells: string[][] }>;
};

export async function openDesk(browser: Browser, url: string, directory: string): Promise<Desk> {
  const open: Desk['open'] = async (hash, options, { theme = 'light', isNew = false, before } = {}) => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: DESK, acceptDownloads: true, ...options });
    await context.addInitScript(
      ([colours, views]) => {
        if (localStorage.getItem('quaywatch.theme') === null) localStorage.setItem('quaywatch.theme', colours);
        for (const view of views) localStorage.setItem(`quaywatch.${view}-intro`, 'seen');
      },
      [theme, isNew ? [] : VIEWS] as const,
    );
    if (before !== undefined) await context.addInitScript(before);
    const opened = await context.newPage();
    opened.setDefaultTimeout(20_000);
    await opened.goto(`${url}/${hash}`);
    return opened;
  };
  const page = await open('#/overview', {});
  const fetched = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${path}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  return {
    url,
    page,
    open,
    fetched,
    ports: async () => (await fetched<{ ports: Port[] }>('ports')).ports,
    csv: async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'CSV' }).click(),
      ]);
      const path = join(directory, 'file.csv');
      await file.saveAs(path);
      const [about = '', head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\r\n');
      return { about, head: head.split(','), cells: lines.map((line) => line.split(',')) };
    },
  };
}

export const rows = (of: Page) => of.locator('tr[data-port]');
export const hash = (of: Page) => of.evaluate(() => location.hash);
export const numberOf = (text: string | null) => Number((text ?? '').replace(/[^\d.−-]/g, '').replace('−', '-'));
export const codes = (of: Page) =>
  rows(of).evaluateAll((list) => list.map((row) => row.getAttribute('data-port') ?? ''));
