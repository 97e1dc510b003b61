/**
 * The newest revision of every window against the oracle, and that nothing was turned away as late before its time. Knows nothing of faults: what is
 * stored is compared with the same rows elsewhere.
 */
import { MEASURE_INDEX, TERMINALS } from '@quaywatch/contracts';
import type { LogRecord } from '../core/partition-state.ts';
import { dayMs, dayOf, dayStartMs } from '../core/time.ts';
import { type OracleMeasures, oracleMeasures, oracleMoves } from '../testing/oracle.ts';
import type { Reference } from './reference.ts';
import type { World } from './world.ts';

const latenessMs = 48 * 3_600_000;
const sizes = [60, 300, 3600, 86400] as const;
const emptyText = (text: string) => /^[0,]*$/.test(text);

const oracleNames: readonly (keyof OracleMeasures)[] = [
  'moves',
  'teu',
  'load_teu',
  'export_teu',
  'empty_teu',
  'direct_pick_up_teu',
  'domestic_moves',
  'domestic_teu',
  'transhipment_moves',
  'transhipment_teu',
  'gate_moves',
  'restow_moves',
];

/** Newest revisions of a size by `terminal|window start ms`, windows in which nothing moved left out. */
function finalsOf({ rows }: Reference, sizeS: number): Map<string, string> {
  const newest = new Map<string, { revision: number; row: number }>();
  for (let i = 0; i < rows.count; i++) {
    if (rows.sizeS[i] !== sizeS) continue;
    const key = `${TERMINALS[rows.terminalIndex[i] ?? 0]?.code}|${(rows.startS[i] ?? 0) * 1000}`;
    const revision = rows.revision[i] ?? 0;
    if ((newest.get(key)?.revision ?? -1) < revision) newest.set(key, { revision, row: i });
  }
  const finals = new Map<string, string>();
  for (const [key, { row }] of newest) {
    const text = oracleNames.map((name) => rows.measures[MEASURE_INDEX[name]]?.[row]).join();
    if (!emptyText(text)) finals.set(key, text);
  }
  return finals;
}

/** An entry may be too late only when the watermark, and so log time, has passed the end of its day by the lateness. */
function checkLateness(reference: Reference, world: World): void {
  for (const { reason, detail, atMs } of reference.letters) {
    const [, base, offset] = /base (\d+) s \+ (\d+) s$/.exec(detail) ?? [];
    if (reason !== 'too_late' || base === undefined || offset === undefined) continue;
    const eventMs = (Number(base) + Number(offset)) * 1000;
    const settlesMs = dayStartMs(dayOf(eventMs) + 1) + latenessMs;
    // Days before the log's first are settled when it begins.
    if (atMs < settlesMs && dayOf(eventMs) >= dayOf(reference.firstMs - latenessMs))
      world.violate('too late before its time', `${detail} at ${atMs}, its day may settle from ${settlesMs}`);
  }
}

/** @returns false when the log has moves that came too late: the oracle does not know those. */
export function checkTotals(reference: Reference, log: readonly LogRecord[], world: World): boolean {
  checkLateness(reference, world);
  if (reference.letters.some(({ reason }) => reason === 'too_late' || reason === 'amends_settled')) return false;
  const { fromDay, toDay, partition, withMinutes } = reference.state.options;
  const taken = log.slice(0, reference.state.position);
  const fromMs = fromDay === null ? Number.NEGATIVE_INFINITY : dayStartMs(fromDay);
  const endMs = toDay === null ? Number.POSITIVE_INFINITY : dayStartMs(toDay);
  const mine = new Set(reference.state.options.terminals.map((index) => TERMINALS[index]?.code));
  const moves = [...oracleMoves(taken, partition).values()].filter(
    (move) => move.eventMs >= fromMs && move.eventMs < endMs && mine.has(move.terminal),
  );
  for (const sizeS of sizes) {
    if (sizeS === 60 && !withMinutes) continue;
    const finals = finalsOf(reference, sizeS);
    const closedMs = reference.state.closedThroughMs;
    const wanted = new Map<string, string>();
    for (const [key, sums] of oracleMeasures(moves, sizeS * 1000)) {
      const isClosed = Number(key.slice(key.lastIndexOf('|') + 1)) + sizeS * 1000 <= closedMs;
      if (isClosed) wanted.set(key, oracleNames.map((name) => sums[name]).join());
    }
    for (const key of new Set([...wanted.keys(), ...finals.keys()])) {
      if (wanted.get(key) === finals.get(key)) continue;
      const detail = `${key} of ${sizeS} s (${dayMs / 1000 / sizeS} a day): ${finals.get(key)}, the oracle says ${wanted.get(key)}`;
      world.violate('totals differ from the oracle', detail);
      return true;
    }
  }
  return true;
}
