/** Every measure of the nation and of every port out of one stretch's windows, worked out when it is first asked for. */
import type { AlertState } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { isOpen } from '../deviation.ts';
import { joined, PROGRAMME, type ProgrammeKey, type Sample, type Standing, samplesOf, standingOf } from './shares.ts';
import type { Windows } from './state.ts';

/** Hours of two weeks would be a hedge: they are drawn by six. */
function stepOf(windows: Windows): number {
  if (windows.sizeS === 86400) return DAY_MS;
  return windows.toMs - windows.fromMs > 4 * DAY_MS ? 6 * HOUR_MS : HOUR_MS;
}

/** Of every measure, of the nation and of every port. A stretch is worked out once, not at every tick. */
export function figuresOf(windows: Windows) {
  const stepMs = stepOf(windows);
  const byPort = Map.groupBy(windows.rows, (row) => row.port);
  const starts = windows.rows.map((row) => row.start_ms);
  const endMs = starts.reduce((last, start) => Math.max(last, start), 0) + windows.sizeS * 1000;
  const of = (key: ProgrammeKey, port: string): Standing =>
    standingOf(samplesOf(port === '' ? windows.rows : (byPort.get(port) ?? []), key), endMs, stepMs);
  const cache = new Map<string, Standing>();
  const at = (key: ProgrammeKey, port: string): Standing => {
    const known = cache.get(`${key}/${port}`);
    if (known !== undefined) return known;
    const made = of(key, port);
    cache.set(`${key}/${port}`, made);
    return made;
  };
  const lastYear = (key: ProgrammeKey, port: string): Sample[] =>
    joined(
      samplesOf(port === '' ? windows.lastYear : windows.lastYear.filter((row) => row.port === port), key),
      stepMs,
    );
  return { at, lastYear, stepMs, endMs };
}

export function shiftsOf(alerts: Iterable<AlertState>, key: ProgrammeKey, port: string, fromMs: number): AlertState[] {
  const { alert: measure } = PROGRAMME[key];
  return [...alerts].filter(
    (alert) =>
      alert.kind === 'mix_shift' &&
      alert.measure === measure &&
      (port === '' || alert.port === port) &&
      alert.status !== 'pending' &&
      (isOpen(alert) || alert.since_ms >= fromMs),
  );
}

export type Figures = ReturnType<typeof figuresOf>;
