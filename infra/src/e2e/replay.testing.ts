/** A stored run as a person plays it: chosen in the list, from its start, paused, stepped. In either language. */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../testing.ts';

export const IN_ENGLISH = {
  word: 'REPLAY',
  replay: 'Replay',
  play: 'Play',
  pause: 'Pause',
  toStart: 'Back to start',
  stepOn: 'Step on 5 minutes',
  position: 'Position',
};
export const IN_CHINESE: typeof IN_ENGLISH = {
  word: '回放',
  replay: '回放',
  play: '播放',
  pause: '暂停',
  toStart: '回到开头',
  stepOn: '前进 5 分钟',
  position: '位置',
};
const STEP_MS = 300_000;

/** Where the player stands, UTC ms. */
export const playedAtMs = async (page: Page, name: string): Promise<number> =>
  Number(await page.getByRole('slider', { name }).getAttribute('aria-valuenow'));

/** @param page shows the list of runs; at the end it stands paused, some way behind the start of the run. */
export async function playRun(page: Page, run: string, words: typeof IN_ENGLISH): Promise<void> {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await page.locator(`tr[data-run="${run}"]`).getByRole('button', { name: words.play, exact: true }).click();
  await page.locator('section.rbar', { hasText: words.word }).waitFor();
  const transport = page.getByRole('region', { name: words.replay });
  const atMs = () => playedAtMs(page, words.position);
  // A run of one day is opened at its end.
  const end = await atMs();
  await button(words.toStart).click();
  await eventually('the player is back at the start', async () => (await atMs()) < end - 3_600_000);
  const toggle = transport.getByRole('button', { name: new RegExp(`^(${words.play}|${words.pause})$`) });
  if ((await toggle.getAttribute('aria-label')) === words.play) await toggle.click();
  const first = await atMs();
  await eventually('the replay clock moves', async () => (await atMs()) > first);
  await eventually('the played picture has figures', async () =>
    /\d{2,}/.test((await page.locator('section.rp.l table tbody').textContent()) ?? ''),
  );
  await page.getByRole('slider', { name: words.position }).press('Space');
  await button(words.pause).waitFor({ state: 'detached' });
  const before = await atMs();
  await button(words.stepOn).click();
  await eventually('a step is taken', async () => (await atMs()) >= before + STEP_MS);
  expect(await atMs()).toBeLessThan(before + 2 * STEP_MS);
}
