/**
 * iCalendar (RFC 5545) to a mute calendar: events of a stretch around now, recurrences written out. Pure; a hostile rule can still hold it
 * up for ever inside the parser, so only `worker.ts` calls it.
 */
import type { MuteCalendar } from '@quaywatch/contracts';
import ICAL from 'ical.js';
import { instantOf, wallDateOf } from './zones.ts';

const DAY_MS = 86_400_000;
const backMs = 30 * DAY_MS;
const aheadMs = 400 * DAY_MS;
const intervalsMax = 5_000;
/** Steps over all rules of a file: a weekly event takes 52 a year. */
const stepsMax = 200_000;
const problemsMax = 50;
const summaryCharactersMax = 500;

export type Expanded =
  | { readonly ok: true; readonly calendar: MuteCalendar; readonly problems: string[] }
  | { readonly ok: false; readonly problems: string[] };

type Interval = MuteCalendar['intervals'][number];
type Work = { readonly fromMs: number; readonly toMs: number; steps: number; readonly problems: string[] };
type Event = {
  readonly component: ICAL.Component;
  readonly summary: string;
  readonly start: ICAL.Time;
  readonly tzid: string;
  readonly startMs: number;
  readonly spanMs: number;
};

function propertyTzid(property: ICAL.Property | null): string {
  const tzid: unknown = property?.getParameter('tzid');
  return typeof tzid === 'string' ? tzid : '';
}

/** A time of an event's property, or why it cannot be told. @throws RangeError for a zone that nobody knows. */
function timesOf(component: ICAL.Component, name: string): { time: ICAL.Time; ms: number }[] {
  return component.getAllProperties(name).flatMap((property) =>
    property.getValues().flatMap((value: unknown) => {
      const time = value instanceof ICAL.Period ? value.start : value;
      return time instanceof ICAL.Time ? [{ time, ms: instantOf(time, propertyTzid(property)) }] : [];
    }),
  );
}

/** Without an end: an all-day event is one day, any other takes no time. */
function spanOf(component: ICAL.Component, start: ICAL.Time, startMs: number): number {
  const [end] = timesOf(component, 'dtend');
  if (end !== undefined) return end.ms - startMs;
  const duration: unknown = component.getFirstPropertyValue('duration');
  if (duration instanceof ICAL.Duration) return duration.toSeconds() * 1000;
  return start.isDate ? DAY_MS : 0;
}

function eventOf(component: ICAL.Component, work: Work): Event | undefined {
  const summary = String(component.getFirstPropertyValue('summary') ?? '').slice(0, summaryCharactersMax);
  const say = (what: string) => {
    work.problems.push(`${JSON.stringify(summary === '' ? 'an event' : summary)}: ${what}`);
    return undefined;
  };
  try {
    const [start] = timesOf(component, 'dtstart');
    if (start === undefined) return say('has no beginning and is left out');
    const spanMs = spanOf(component, start.time, start.ms);
    if (!(spanMs > 0)) return say('takes no time and is left out');
    const tzid = propertyTzid(component.getFirstProperty('dtstart'));
    return { component, summary, start: start.time, tzid, startMs: start.ms, spanMs };
  } catch (error) {
    return say(`${error instanceof Error ? error.message : String(error)}; it is left out`);
  }
}

/** Beginnings that one rule gives, up to the stretch's end, in order. The rule's own UNTIL is compared as an instant. */
function* occurrences(rule: ICAL.Recur, event: Event, work: Work): Generator<{ time: ICAL.Time; ms: number }> {
  const until = rule.until;
  const untilMs =
    until === null ? Number.POSITIVE_INFINITY : instantOf(until, event.tzid) + (until.isDate ? DAY_MS - 1 : 0);
  if (until !== null) rule.until = null;
  const iterator = rule.iterator(event.start);
  for (let time: ICAL.Time | null = iterator.next(); time; time = iterator.next()) {
    work.steps += 1;
    if (work.steps > stepsMax) {
      work.problems.push(`${JSON.stringify(event.summary)}: recurs too often and is left out from some point on`);
      return;
    }
    const ms = instantOf(time, event.tzid);
    if (ms > untilMs || ms > work.toMs) return;
    yield { time, ms };
  }
}

/** All beginnings of an event: its own, its rules' and its further dates', without its exceptions. */
function beginnings(event: Event, replaced: ReadonlySet<number>, work: Work): number[] {
  const excepted = timesOf(event.component, 'exdate');
  const exceptInstants = new Set(excepted.map(({ ms }) => ms));
  const exceptDates = new Set(excepted.filter(({ time }) => time.isDate).map(({ time }) => wallDateOf(time)));
  const rules = event.component
    .getAllProperties('rrule')
    .flatMap((property) => property.getValues())
    .filter((value: unknown) => value instanceof ICAL.Recur);
  const found = new Set<number>();
  const add = ({ time, ms }: { time: ICAL.Time; ms: number }) => {
    const isExcepted = exceptInstants.has(ms) || exceptDates.has(wallDateOf(time)) || replaced.has(ms);
    if (!isExcepted && ms <= work.toMs && ms + event.spanMs >= work.fromMs) found.add(ms);
  };
  add({ time: event.start, ms: event.startMs });
  for (const rule of rules) for (const one of occurrences(rule, event, work)) add(one);
  for (const one of timesOf(event.component, 'rdate')) add(one);
  return [...found];
}

/** By UID: the beginnings that an event of their own stands for. */
function replacedBeginnings(
  components: readonly ICAL.Component[],
  work: Work,
): ReadonlyMap<string, ReadonlySet<number>> {
  const replaced = new Map<string, Set<number>>();
  for (const component of components) {
    const uid = String(component.getFirstPropertyValue('uid') ?? '');
    try {
      for (const { ms } of timesOf(component, 'recurrence-id'))
        replaced.set(uid, (replaced.get(uid) ?? new Set<number>()).add(ms));
    } catch {
      work.problems.push(`event ${JSON.stringify(uid.slice(0, 100))}: what it replaces cannot be told`);
    }
  }
  return replaced;
}

function intervalsOf(components: readonly ICAL.Component[], work: Work): Interval[] {
  const replaced = replacedBeginnings(components, work);
  return components.flatMap((component) => {
    if (String(component.getFirstPropertyValue('status')).toUpperCase() === 'CANCELLED') return [];
    const event = eventOf(component, work);
    if (event === undefined) return [];
    const isReplacement = component.hasProperty('recurrence-id');
    const uid = String(component.getFirstPropertyValue('uid') ?? '');
    const others = isReplacement ? new Set<number>() : (replaced.get(uid) ?? new Set<number>());
    try {
      const { summary, spanMs } = event;
      return beginnings(event, others, work).map((from_ms) => ({ from_ms, to_ms: from_ms + spanMs, summary }));
    } catch (error) {
      work.problems.push(`${JSON.stringify(event.summary)}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

/** @param nowMs the stretch is 30 days before it to 400 days after it. */
export function expandCalendar(name: string, ics: string, nowMs: number): Expanded {
  const work: Work = { fromMs: nowMs - backMs, toMs: nowMs + aheadMs, steps: 0, problems: [] };
  let components: ICAL.Component[];
  try {
    const parsed: unknown = ICAL.parse(ics);
    const calendars = Array.isArray(parsed) && Array.isArray(parsed[0]) ? parsed : [parsed];
    components = calendars.flatMap((one) => new ICAL.Component(one).getAllSubcomponents('vevent'));
  } catch (error) {
    return { ok: false, problems: [`This is no iCalendar file: ${error instanceof Error ? error.message : error}`] };
  }
  if (components.length === 0) return { ok: false, problems: ['There is no event (VEVENT) in the file.'] };
  const all = intervalsOf(components, work).sort((a, b) => a.from_ms - b.from_ms || a.to_ms - b.to_ms);
  const intervals = all.slice(0, intervalsMax);
  const next = all[intervalsMax];
  if (next !== undefined)
    work.problems.push(
      `${all.length} intervals; ${intervalsMax} are kept, none from ${new Date(next.from_ms).toISOString()} on`,
    );
  return { ok: true, calendar: { name, intervals }, problems: work.problems.slice(0, problemsMax) };
}
