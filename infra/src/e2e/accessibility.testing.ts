/** What axe-core says about a view at a desk and on a telephone, and whether the view is wider than the screen. Judges nothing itself. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { picture } from './product.testing.ts';

export const DESK = { width: 1440, height: 900 };
const TELEPHONE = { width: 390, height: 844 };

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A line a fault, with the element; the page is as wide as a desk afterwards. */
export async function faultsOf(page: Page, what: string): Promise<string[]> {
  const faults: string[] = [];
  for (const size of [TELEPHONE, DESK]) {
    await page.setViewportSize(size);
    const where = `${what} ${size.width}`;
    await page.evaluate(script);
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
    for (const { id, nodes } of violations)
      faults.push(...nodes.map((node) => `${where}: ${id}: ${node.html} ${node.failureSummary ?? ''}`));
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${where}: too wide`);
    await picture(page, where.replaceAll(' ', '-'));
  }
  return faults;
}
