/**
 * The first look at the page, as Lighthouse takes it: paints, shifts and blocking of a load into an empty cache, what the browser complains
 * about, what the answers' headers allow, and what axe finds. Judges nothing.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { watch } from './measure.ts';

export type FirstLook = {
  readonly name: string;
  readonly firstPaintMs: number;
  readonly largestPaintMs: number;
  /** Of everything that moved by itself since the load began. */
  readonly layoutShift: number;
  /** What tasks took beyond 50 ms each, from the first paint on. */
  readonly blockingMs: number;
  readonly domNodes: number;
  readonly requests: number;
  readonly foreignRequests: readonly string[];
  /** Errors of the console, of scripts, and issues that the browser raises (deprecations, policy, mixed content). */
  readonly complaints: readonly string[];
  readonly axeViolations: readonly string[];
};

type Look = { readonly name: string; readonly address: string; readonly ready: string; readonly phone?: boolean };
export const LOOKS: readonly Look[] = [
  { name: 'overview', address: '', ready: 'tr[data-port] >> nth=35' },
  { name: 'overview, phone', address: '', ready: '.mrow >> nth=35', phone: true },
  { name: 'port', address: '#/port/CNSHA', ready: '.chart-canvas canvas' },
];
/** After the last part of a view has come. */
const SETTLE_MS = 4_000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function complaintsOf(page: Page): Promise<string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const session = await page.context().newCDPSession(page);
  session.on('Audits.issueAdded', ({ issue }) => complaints.push(`${issue.code} ${JSON.stringify(issue.details)}`));
  await session.send('Audits.enable');
  return complaints;
}

async function axeViolations(page: Page): Promise<string[]> {
  // Not as a script of the page: its policy forbids what is not its own.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } };
    return (await axe.run()).violations.map((violation) => violation.id);
  });
}

export async function firstLook(browser: Browser, url: string, look: Look): Promise<FirstLook> {
  const viewport = look.phone === true ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, locale: 'en-GB' });
  const page = await context.newPage();
  const complaints = await complaintsOf(page);
  await page.addInitScript(watch);
  await page.goto(`${url}/${look.address}`);
  await page.locator(look.ready).waitFor({ timeout: 30_000 });
  await page.waitForTimeout(SETTLE_MS);
  const seen = await page.evaluate(() => {
    const firstPaintMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
    const names = performance.getEntriesByType('resource').map((entry) => entry.name);
    const late = window.watched.tasks.filter((task) => task.startMs + task.ms > firstPaintMs);
    return {
      firstPaintMs: Math.round(firstPaintMs),
      largestPaintMs: Math.round(window.watched.paintMs),
      layoutShift: Math.round(window.watched.shift * 1000) / 1000,
      blockingMs: Math.round(late.reduce((sum, task) => sum + task.ms - 50, 0)),
      domNodes: document.querySelectorAll('*').length,
      requests: names.length,
      foreignRequests: names.filter((name) => !name.startsWith(location.origin)),
    };
  });
  const found = { name: look.name, ...seen, complaints, axeViolations: await axeViolations(page) };
  await context.close();
  return found;
}

/** What the answer's headers should say and do not. */
export async function headerFaults(url: string): Promise<string[]> {
  const { headers } = await fetch(url);
  const policy = headers.get('content-security-policy') ?? '';
  const wanted: readonly (readonly [string, boolean])[] = [
    ['the policy begins with the page itself', /default-src 'self'/.test(policy)],
    ['nothing inline, no eval', policy !== '' && !/unsafe-/.test(policy)],
    ['nothing from elsewhere', policy !== '' && !/https?:|\*/.test(policy)],
    ['not in a frame', /frame-ancestors 'none'/.test(policy)],
    ['types are not guessed', headers.get('x-content-type-options') === 'nosniff'],
    ['no referrer', headers.get('referrer-policy') === 'no-referrer'],
    ['a browsing context of its own', headers.get('cross-origin-opener-policy') === 'same-origin'],
    ['no devices', (headers.get('permissions-policy') ?? '').includes('camera=()')],
  ];
  return wanted.flatMap(([what, isSo]) => (isSo ? [] : [what]));
}
