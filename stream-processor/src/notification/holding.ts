/** Why an alert is not told now: a silence, a mute calendar, an alert that inhibits it; and whether people have taken it up. */
import {
  type AlertTransition,
  type Inhibition,
  type Matcher,
  type MuteCalendar,
  matches,
  type Route,
} from '@quaywatch/contracts';
import type { AlertLife, Knowledge } from './knowledge.ts';
import { fieldOf } from './routing.ts';

export type Hold = { readonly because: 'silenced' | 'muted' | 'inhibited'; readonly by: string };

const all = (matchers: readonly Matcher[], alert: AlertTransition): boolean =>
  matchers.every((matcher) => matches(matcher, alert));

function silencedBy(knowledge: Knowledge, alert: AlertTransition, nowMs: number): string | undefined {
  for (const silence of knowledge.silences.values())
    if (silence.from_ms <= nowMs && nowMs < silence.until_ms && all(silence.matchers, alert)) return silence.id;
  return undefined;
}

function mutedBy(calendars: readonly MuteCalendar[], route: Route | undefined, nowMs: number): string | undefined {
  return route?.mute_calendars.find((name) =>
    calendars
      .find((calendar) => calendar.name === name)
      ?.intervals.some(({ from_ms, to_ms }) => from_ms <= nowMs && nowMs < to_ms),
  );
}

export function isOpen(life: AlertLife): boolean {
  return life.resolved === undefined && life.firing.length > 0;
}

/**
 * As in Alertmanager, an alert that is both source and target is not inhibited by itself, nor by another of which the same holds: neither
 * would be told.
 */
function inhibits({ source, target, equal }: Inhibition, by: AlertTransition, alert: AlertTransition): boolean {
  if (!all(source, by) || !all(target, alert)) return false;
  if (all(target, by) && all(source, alert)) return false;
  return equal.every((name) => fieldOf(by, name) === fieldOf(alert, name));
}

function inhibitedBy(knowledge: Knowledge, open: readonly AlertLife[], alert: AlertTransition): string | undefined {
  const rules = knowledge.rules.routing.inhibitions.filter(({ target }) => all(target, alert));
  if (rules.length === 0) return undefined;
  return open.find((life) => rules.some((inhibition) => inhibits(inhibition, life.newest.transition, alert)))?.id;
}

/** @param open alerts that fire or recover: those that can inhibit. */
export function holdOf(
  knowledge: Knowledge,
  open: readonly AlertLife[],
  life: AlertLife,
  route: Route | undefined,
  nowMs: number,
): Hold | undefined {
  const alert = life.newest.transition;
  const silence = silencedBy(knowledge, alert, nowMs);
  if (silence !== undefined) return { because: 'silenced', by: silence };
  const calendar = mutedBy(knowledge.rules.routing.mute_calendars, route, nowMs);
  if (calendar !== undefined) return { because: 'muted', by: calendar };
  const inhibitor = inhibitedBy(knowledge, open, alert);
  return inhibitor === undefined ? undefined : { because: 'inhibited', by: inhibitor };
}

/** An acknowledgement holds until the alert is resolved or becomes more severe than it was when it was given. */
export function acknowledgementOf(knowledge: Knowledge, life: AlertLife): string | undefined {
  const given = knowledge.dealings.get(life.id)?.acknowledged;
  if (given === undefined || life.resolved !== undefined) return undefined;
  const rose = life.firing.length > 1 ? (life.firing.at(-1)?.arrivedMs ?? 0) : 0;
  return rose > given.atMs ? undefined : given.id;
}

/** More changes of its series up to this one than the rules bear: a function of log time, so that catching up judges as live does. */
export function isFlapping(knowledge: Knowledge, life: AlertLife, knownAtMs: number): boolean {
  const { changes, within_s } = knowledge.rules.routing.flapping;
  const times = knowledge.changes.get(life.series) ?? [];
  const count = times.filter((atMs) => atMs > knownAtMs - within_s * 1000 && atMs <= knownAtMs).length;
  return count > changes;
}
