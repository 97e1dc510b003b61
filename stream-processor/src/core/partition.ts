/**
 * The core: one Kafka partition as a state machine over its log. `step` takes one record and says which rows, dead letters and alert
 * transitions follow. The same log gives the same outputs, byte for byte. No clock, no IO, no randomness: log time arrives with the records.
 */
import { decodeMoveReport, reportBytesMax } from '@quaywatch/contracts';
import { applyReport } from './apply-report.ts';
import { closeWindows, emitRevisions } from './close-windows.ts';
import { settleLedger } from './ledger-rows.ts';
import { forgetSettled, type LogRecord, type Outputs, type PartitionState, reject } from './partition-state.ts';
import { forgetCoverage, isOverdue, watermarkDelayMs } from './source-clock.ts';
import { dayMs, dayOf, dayStartMs } from './time.ts';

/** A UTC+8 day settles when the watermark passes its end by this much. */
const allowedLatenessMs = 48 * 3_600_000;
/** A recovery reads the log from the day this many days before the oldest unsettled one: an amendment there may reach into it. */
const rebuildDaysBack = 3;
const senderMax = 128;

/** True when every day of a replay's stretch has settled: the rest of the log changes nothing. */
export function isFinished(state: PartitionState): boolean {
  return state.options.toDay !== null && state.settledThroughDay >= state.options.toDay - 1;
}

/** Takes one record. Outputs are appended to `out`. */
export function step(state: PartitionState, record: LogRecord, out: Outputs): void {
  advanceLogTime(state, record);
  state.position = record.offset + 1;
  if (!record.isTick) takeReport(state, record, out);
  if (state.touched.size > 0) emitRevisions(state, record.offset, out);
  advanceWatermark(state, record.offset, out);
}

/** Takes one record of a recovery: rebuilds windows without deciding or emitting anything. */
export function rebuildStep(state: PartitionState, record: LogRecord, out: Outputs): void {
  advanceLogTime(state, record);
  state.position = record.offset + 1;
  if (!record.isTick) takeReport(state, record, out);
  state.touched.clear();
}

function advanceLogTime(state: PartitionState, record: LogRecord): void {
  const before = state.logTimeMs;
  if (before === Number.NEGATIVE_INFINITY) begin(state, record.timestampMs);
  if (record.timestampMs <= before) return;
  state.logTimeMs = record.timestampMs;
  const day = dayOf(record.timestampMs);
  if (before === Number.NEGATIVE_INFINITY || day > dayOf(before)) {
    state.dayStarts.push({
      day,
      offset: record.offset,
      logTimeMs: before === Number.NEGATIVE_INFINITY ? record.timestampMs : before,
    });
  }
}

/** The first record says where a run's time begins: moves of the last 48 hours before it may still come. */
function begin(state: PartitionState, logTimeMs: number): void {
  if (state.settledThroughDay !== Number.NEGATIVE_INFINITY) return;
  const firstDay = state.options.fromDay ?? dayOf(logTimeMs - allowedLatenessMs);
  state.settledThroughDay = firstDay - 1;
  state.closedThroughMs = dayStartMs(firstDay);
}

function takeReport(state: PartitionState, record: LogRecord, out: Outputs): void {
  state.counters.reports++;
  state.sender = '';
  if (record.value === null) return reject(state, out, record.offset, -1, 1, 'unreadable', 'the record is empty');
  if (record.value.length > reportBytesMax)
    return reject(state, out, record.offset, -1, 1, 'too_large', `${record.value.length} bytes`);
  const decoded = decodeMoveReport(record.value);
  // Whoever names something longer than any terminal is not worth remembering by it.
  state.sender = decoded.ok && decoded.report.terminal.length <= senderMax ? decoded.report.terminal : '';
  if (!decoded.ok) return reject(state, out, record.offset, -1, 1, decoded.reason, decoded.detail);
  applyReport(state, decoded.report, record.offset, out);
}

/** Greatest event time before which every source that is not overdue has sent everything; never goes back. */
function watermarkOf(state: PartitionState): number {
  let slowest = Number.POSITIVE_INFINITY;
  let sources = 0;
  for (const terminal of state.terminals.values()) {
    for (const clock of terminal.clocks) {
      sources++;
      if (!isOverdue(clock, state.logTimeMs)) slowest = Math.min(slowest, clock.completeThroughMs);
    }
  }
  if (sources === 0) return state.watermarkMs;
  return Math.max(state.watermarkMs, Math.min(slowest, state.logTimeMs) - watermarkDelayMs);
}

function advanceWatermark(state: PartitionState, offset: number, out: Outputs): void {
  const watermarkMs = watermarkOf(state);
  if (watermarkMs === state.watermarkMs) return;
  state.watermarkMs = watermarkMs;
  closeWindows(state, offset, out);
  while (watermarkMs >= dayStartMs(state.settledThroughDay + 2) + allowedLatenessMs) settleNextDay(state, offset, out);
}

function settleNextDay(state: PartitionState, offset: number, out: Outputs): void {
  const day = ++state.settledThroughDay;
  state.settlements.push({ day, offset });
  settleLedger(state, day, out);
  forgetSettled(state);
  const needed = day + 1 - rebuildDaysBack;
  while (state.dayStarts.length > 1 && (state.dayStarts[1]?.day ?? 0) <= needed) state.dayStarts.shift();
  while (state.settlements.length > 0 && (state.settlements[0]?.day ?? 0) < needed - 1) state.settlements.shift();
  for (const terminal of state.terminals.values()) {
    for (const clock of terminal.clocks) forgetCoverage(clock, dayStartMs(day) - dayMs);
  }
}
