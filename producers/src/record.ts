/**
 * Writes a simulated stretch of all feeds, in order of arrival, with ticks, and counts what it wrote.
 * It knows a sink, not Kafka.
 */
import { PARTITION_COUNT, RECORDING_COMPLETE_HEADER, TERMINALS } from '@quaywatch/contracts';
import { dayStartMs, isoDateOf } from '@quaywatch/seeds';
import type { DayPlan } from './feed/day-plan.ts';
import { slotInDay } from './feed/entries.ts';
import { arrivalsOf, dayOfSlot, type Feeds, keyOf, partitionOf, slotOf } from './feed/feeds.ts';
import { type Dispatch, slotMs } from './feed/imperfections.ts';
import { type BuiltReport, buildHeartbeat, buildReport, cadenceS, headlineBetween } from './feed/reports.ts';

/** Takes records in order. `flush` resolves when everything before it is stored. */
export type RecordSink = {
  readonly report: (partition: number, key: string, bytes: Buffer, timestampMs: number) => void;
  /** `headers` beside the content type. */
  readonly tick: (partition: number, timestampMs: number, headers?: Readonly<Record<string, string>>) => void;
  /** Resolves when the sink has room again. */
  readonly room: () => Promise<void>;
  readonly flush: () => Promise<void>;
};

/** What a stretch holds. Tests compare the processor's counts with it. */
export type Ledger = {
  name: string;
  /** UTC+8 days; `to` is not in it. */
  from: string;
  to: string;
  seed: number;
  scenario: string;
  /** Records that are no tick. */
  reports: number;
  /** Moves that happened, other trades and restows included. */
  moves: number;
  /** Entries of all readable reports. */
  entries: number;
  /** Entries sent again, under the same report id or another. */
  duplicates: number;
  /** Moves held out of their report and told later. */
  late: number;
  /** Records that are no report. */
  malformed: number;
  /** Entries of reports that are cancelled: they never happened. */
  cancelled: number;
  /** Entries of originals that are replaced. */
  replaced: number;
  /** Of `replaced`: dated into the future of their arrival, and so refused. */
  in_future: number;
  /** Refused entries of good reports. */
  bad_entries: number;
  /** Well-formed reports of unknown terminals, ports, functions and versions, and their entries. */
  strangers: number;
  stranger_entries: number;
  ticks: number;
  /** Headline TEU of `moves`. */
  teu: number;
  seconds: number;
  moves_per_second: number;
};

const hourMs = 3_600_000;

export type RecordOptions = {
  readonly name: string;
  /** UTC+8 day numbers, half-open. */
  readonly fromDay: number;
  readonly toDay: number;
  readonly scenario: string;
  readonly feeds: Feeds;
  readonly sink: RecordSink;
  /** Called about once a simulated day with the share done, 0..1. */
  readonly onProgress?: (share: number, ledger: Ledger) => void;
  readonly signal?: AbortSignal;
};

function emptyLedger(options: RecordOptions): Ledger {
  const { name, scenario, feeds } = options;
  const counts = {
    reports: 0,
    moves: 0,
    entries: 0,
    duplicates: 0,
    late: 0,
    malformed: 0,
    cancelled: 0,
    replaced: 0,
    in_future: 0,
  };
  const rest = { bad_entries: 0, strangers: 0, stranger_entries: 0, ticks: 0, teu: 0, seconds: 0, moves_per_second: 0 };
  const stretch = { from: isoDateOf(options.fromDay), to: isoDateOf(options.toDay), seed: feeds.seed, scenario };
  return { name, ...stretch, ...counts, ...rest };
}

function count(ledger: Ledger, dispatch: Dispatch, built: BuiltReport): void {
  ledger.reports++;
  switch (dispatch.kind) {
    case 'malformed':
      ledger.malformed++;
      return;
    case 'stranger':
      ledger.strangers++;
      ledger.stranger_entries += built.entries;
      break;
    case 'resend':
    case 'repeat':
      ledger.duplicates += built.entries;
      break;
    case 'held':
      ledger.late += built.entries;
      break;
    case 'ghost':
      ledger.cancelled += built.entries;
      break;
    case 'wrong':
      ledger.replaced += built.entries;
      ledger.in_future += built.inFutureEntries;
      break;
    case 'on_time':
    case 'replace':
    case 'cancel':
      break;
  }
  ledger.entries += built.entries;
  ledger.bad_entries += built.badEntries;
}

function countReal(ledger: Ledger, plan: DayPlan): number {
  ledger.moves += plan.count;
  return headlineBetween(plan, 0, plan.count);
}

/** 24:00 of the last day + 48 h + two cadences: by then every window has closed and every day has settled, by the log alone. */
export function recordingEndMs(toDay: number): number {
  return dayStartMs(toDay) + 48 * hourMs + 2 * slotMs;
}

/** Silence before the first and after the last report would be "no data": both ends are told by heartbeats. */
function heartbeats(options: RecordOptions, ledger: Ledger, slotEndMs: number): void {
  const { sink } = options;
  for (const { index } of TERMINALS) {
    const arrivalMs = slotEndMs;
    const { bytes } = buildHeartbeat(index, arrivalMs, slotEndMs, cadenceS);
    sink.report(partitionOf(index), keyOf(index), bytes, arrivalMs);
    ledger.reports++;
  }
}

function ticks(options: RecordOptions, ledger: Ledger, timeMs: number): void {
  for (let partition = 0; partition < PARTITION_COUNT; partition++) options.sink.tick(partition, timeMs);
  ledger.ticks += PARTITION_COUNT;
}

/** @throws when the signal says stop: the recording is then unfinished, and has no marker. */
export async function record(options: RecordOptions): Promise<Ledger> {
  const { feeds, sink, fromDay, toDay, signal } = options;
  const ledger = emptyLedger(options);
  const startedMs = performance.now();
  const fromSlot = slotOf(dayStartMs(fromDay));
  const toSlot = slotOf(dayStartMs(toDay));
  const lastStep = slotOf(recordingEndMs(toDay));
  let teuHundredths = 0;
  for (const { step, byPartition } of arrivalsUntil(feeds, fromSlot, toSlot, lastStep)) {
    signal?.throwIfAborted();
    // A half-hour's end is told before its tick, or the tick's log time would run ahead of every feed.
    if (step === fromSlot || step > toSlot) heartbeats(options, ledger, step * slotMs);
    ticks(options, ledger, step * slotMs);
    for (const dispatches of byPartition) {
      for (const dispatch of dispatches) {
        const built = buildReport(dispatch, feeds.planOf(dispatch.terminal, dayOfSlot(dispatch.slot)), feeds.seed);
        if (built === undefined) continue;
        count(ledger, dispatch, built);
        sink.report(partitionOf(dispatch.terminal), keyOf(dispatch.terminal), built.bytes, dispatch.arrivalMs);
      }
    }
    if (step < toSlot && slotInDay(step) === 0) {
      for (const { index } of TERMINALS) teuHundredths += countReal(ledger, feeds.planOf(index, dayOfSlot(step)));
      options.onProgress?.((step - fromSlot) / (toSlot - fromSlot), ledger);
    }
    await sink.room();
  }
  ledger.teu = teuHundredths / 100;
  await sink.flush();
  ledger.seconds = Math.round(performance.now() - startedMs) / 1000;
  ledger.moves_per_second = Math.round(ledger.moves / Math.max(0.001, ledger.seconds));
  // Only now, when all else is stored: a reader takes a recording for whole by this record in every partition.
  const marker = { [RECORDING_COMPLETE_HEADER]: JSON.stringify(ledger) };
  for (let partition = 0; partition < PARTITION_COUNT; partition++)
    sink.tick(partition, (lastStep + 1) * slotMs, marker);
  await sink.flush();
  return ledger;
}

function* arrivalsUntil(
  feeds: Feeds,
  fromSlot: number,
  toSlot: number,
  lastStep: number,
): ReturnType<typeof arrivalsOf> {
  let step = fromSlot;
  for (const arrivals of arrivalsOf(feeds, fromSlot, toSlot)) {
    if (arrivals.step > lastStep) throw new Error('A report arrives after the end of its recording.');
    yield arrivals;
    step = arrivals.step + 1;
  }
  const byPartition = Array.from({ length: PARTITION_COUNT }, () => []);
  for (; step <= lastStep; step++) yield { step, byPartition };
}
