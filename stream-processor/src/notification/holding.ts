/** Why an alert is not told now: a silence, a mute calendar, an alert that inhibits it; and whether people have taken it up. */
import {
  type AlertTransition,
  type Inhibition,
  isAcknowledgedStill,
  type Matcher,
  type MuteCalendar,
  matches,
  portOf,
  type Route,
  TERMINALS,
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

/** Share of what is missing from which the terminals that miss it explain it, per cent. */
const explainedFromPct = 50;

/** Whether an alert is of these terminals: they are all that it names or all that its port has, or most of what it is about is theirs. */
function explains(terminals: readonly string[], alert: AlertTransition): boolean {
  const isTheirs = (code: string) => terminals.includes(code);
  if (alert.level === 'terminal') return alert.terminals.every(isTheirs);
  const portIndex = portOf(alert.port)?.index;
  if (portIndex === undefined) return false;
  if (TERMINALS.every((terminal) => terminal.portIndex !== portIndex || isTheirs(terminal.code))) return true;
  const theirs = alert.contributors.filter(({ terminal }) => isTheirs(terminal));
  return theirs.reduce((sum, one) => sum + one.share_pct, 0) > explainedFromPct;
}

/**
 * As in Alertmanager, an alert that is both source and target is not inhibited by itself, nor by another of which the same holds: neither
 * would be told.
 */
function inhibits(
  { source, target, equal, explained_only }: Inhibition,
  by: AlertTransition,
  alert: AlertTransition,
): boolean {
  if (!all(source, by) || !all(target, alert)) return false;
  if (all(target, by) && all(source, alert)) return false;
  if (explained_only === true && !explains(by.terminals, alert)) return false;
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

/** The acknowledgement that holds, by its action's id. */
export function acknowledgementOf(knowledge: Knowledge, life: AlertLife): string | undefined {
  const given = knowledge.dealings.get(life.id)?.acknowledged;
  const holds = given !== undefined && isAcknowledgedStill(given, life.newest.transition, life.roseAtMs);
  return holds ? given.id : undefined;
}

/** More changes of its series up to this one than the rules bear: a function of log time, so that catching up judges as live does. */
export function isFlapping(knowledge: Knowledge, life: AlertLife, knownAtMs: number): boolean {
  const { changes, within_s } = knowledge.rules.routing.flapping;
  const times = knowledge.changes.get(life.series) ?? [];
  const count = times.filter((atMs) => atMs > knownAtMs - within_s * 1000 && atMs <= knownAtMs).length;
  return count > changes;
}
