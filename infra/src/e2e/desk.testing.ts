/** A person at a desk: browsers of their own at a running product, and what is read off the page. Asserts nothing but that the API answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESK } from './accessibility.testing.ts';

export const TABLET = { width: 1024, height: 768 };
export const TELEPHONE = { width: 390, height: 844 };
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
