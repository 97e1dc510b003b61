/** Options of the core for one partition of a run, from the port table and the baseline. */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import {
  dayNumberOf,
  dayStartMs,
  expectedPortHour,
  expectedTerminalHour,
  isPublicHoliday,
  SeedRangeError,
  SPRING_FESTIVAL_DAYS,
  springFestivalOffset,
} from '@quaywatch/seeds';
import type { RuleTimeline } from './alerting/rule-timeline.ts';
import type { PartitionOptions } from './core/partition-state.ts';

/** Beyond the baseline nothing is expected: null, and detection judges silence only. */
function orNull(expected: () => number): number | null {
  try {
    return expected();
  } catch (error) {
    if (error instanceof SeedRangeError) return null;
    throw error;
  }
}

export function expectedHour(terminalIndex: number, hourMs: number): number | null {
  return orNull(() => expectedTerminalHour(terminalIndex, hourMs));
}

/** Within so many days of the Spring Festival the comparable day a year before has the same distance to that year's festival. */
const alignedBefore = 21;
const alignedAfter = 28;

/** Start of the comparable hour a year before: the same weekday, or the same distance to the Spring Festival around it. */
function yearBefore(hourMs: number): number {
  const day = dayNumberOf(hourMs);
  const offset = springFestivalOffset(day);
  const index = offset === undefined ? -1 : SPRING_FESTIVAL_DAYS.indexOf(day - offset);
  const before = SPRING_FESTIVAL_DAYS[index - 1];
  const isAligned = offset !== undefined && offset >= -alignedBefore && offset <= alignedAfter && before !== undefined;
  const dayBefore = isAligned ? before + offset : day - 364;
  return dayStartMs(dayBefore) + (hourMs - dayStartMs(day));
}

function portHour(portIndex: number, hourMs: number): number | null {
  return orNull(() => expectedPortHour(portIndex, hourMs));
}

function lastYearHour(portIndex: number, hourMs: number): number | null {
  return orNull(() => expectedPortHour(portIndex, yearBefore(hourMs)));
}

/** ASSUMPTION: around the Spring Festival the expectation itself may be off by so much, on other holidays by so much. */
const festivalDoubt = 0.06;
const holidayDoubt = 0.04;

function doubtAt(timeMs: number): number {
  const day = dayNumberOf(timeMs);
  const offset = springFestivalOffset(day);
  if (offset !== undefined && offset >= -10 && offset <= 18) return festivalDoubt;
  return isPublicHoliday(day) ? holidayDoubt : 0;
}

/** Remembers the last hour's answer of each port: windows come in order, twelve of them an hour. */
function byHour<T>(of: (portIndex: number, timeMs: number) => T): (portIndex: number, timeMs: number) => T {
  const last: { hour: number; answer: T }[] = [];
  return (portIndex, timeMs) => {
    const hour = Math.floor(timeMs / 3_600_000);
    const known = last[portIndex];
    if (known?.hour === hour) return known.answer;
    const answer = of(portIndex, timeMs);
    last[portIndex] = { hour, answer };
    return answer;
  };
}

/** What detection asks the baseline and the calendar, for one run. TEU hundredths an hour; null beyond the baseline. */
export type Expectations = ReturnType<typeof hourlyExpectations>;

export function hourlyExpectations() {
  const doubt = byHour((_, timeMs) => doubtAt(timeMs));
  return {
    expectedHour,
    portHour: byHour(portHour),
    lastYearHour: byHour(lastYearHour),
    doubtAt: (timeMs: number) => doubt(0, timeMs),
  };
}

export function partitionOptions(
  run: string,
  partition: number,
  rules: RuleTimeline,
  {
    fromDay,
    toDay,
    withMinutes,
    isSimulated,
  }: Pick<PartitionOptions, 'fromDay' | 'toDay' | 'withMinutes' | 'isSimulated'>,
): PartitionOptions {
  const terminals = TERMINALS.filter((terminal) => PORTS[terminal.portIndex]?.partition === partition).map(
    (terminal) => terminal.index,
  );
  const { portHour: _portHour, ...expectations } = hourlyExpectations();
  return { run, partition, terminals, fromDay, toDay, withMinutes, isSimulated, rules, ...expectations };
}
