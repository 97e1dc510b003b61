/** A port's minutes as a person takes them away from the page, against the gateway's own answer for the same minutes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const MINUTE_MS = 60_000;

type Minute = { readonly startMs: number; readonly teu: number };

/** Closed minutes of the chart on screen, out of the file that its CSV button makes. */
async function minutesOfPage(page: Page, directory: string): Promise<Minute[]> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const path = join(directory, 'series.csv');
  await file.saveAs(path);
  const [, head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\r\n');
  const place = (name: string) => head.split(',').indexOf(name);
  const [start, teu, open] = [place('start'), place('teu'), place('open')];
  const cells = lines.map((line) => line.split(','));
  return cells
    .filter((row) => row[open] !== 'true')
    .map((row) => ({ startMs: Date.parse(row[start] ?? ''), teu: Number(row[teu]) }));
}

async function minutesOfGateway(url: string, port: string, first: number, last: number): Promise<Map<number, number>> {
  const query = `port=${port}&size=1m&from=${first}&to=${last + MINUTE_MS}`;
  const answer = await fetch(`${url}/api/v1/throughput?${query}`);
  const { windows } = (await answer.json()) as { windows: { start_ms: number; teu: number | null; open?: boolean }[] };
  return new Map(
    windows.filter((one) => one.open !== true).map((one): [number, number] => [one.start_ms, one.teu ?? Number.NaN]),
  );
}

/**
 * What is wrong with the series of `port` on screen; empty: every minute from the first to the last is there once, with the gateway's
 * figure, up to the minute that ended at or before `throughMs`.
 */
export async function faultsOfSeries(
  page: Page,
  shown: { readonly url: string; readonly port: string; readonly directory: string; readonly throughMs: number },
): Promise<string[]> {
  const minutes = await minutesOfPage(page, shown.directory);
  const [first, last] = [minutes.at(0)?.startMs ?? 0, minutes.at(-1)?.startMs ?? 0];
  const expected = await minutesOfGateway(shown.url, shown.port, first, last);
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 16);
  const faults: string[] = [];
  if (minutes.length < 60) faults.push(`${minutes.length} minutes only`);
  if (last + MINUTE_MS < shown.throughMs - MINUTE_MS)
    faults.push(`ends at ${time(last)}, not ${time(shown.throughMs)}`);
  for (const [index, { startMs, teu }] of minutes.entries()) {
    const before = minutes[index - 1]?.startMs;
    if (before === startMs) faults.push(`${time(startMs)} is there twice`);
    else if (before !== undefined && before !== startMs - MINUTE_MS)
      faults.push(`${time(startMs)} follows ${time(before)}`);
    if (expected.get(startMs) !== teu) faults.push(`${time(startMs)} is ${teu}, not ${expected.get(startMs)}`);
  }
  return faults;
}
