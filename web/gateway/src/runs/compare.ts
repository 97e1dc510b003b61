/**
 * What two rule sets made of the same stretch: which alerts fired under both, and which under one alone. An alert is in both when the other
 * side has one of the same kind, level and place that overlaps it in time.
 */
import { ALERT_KINDS, type AlertKind, type AlertState } from '@quaywatch/contracts';
import type { FiredAlert } from '../stored-alerts.ts';

/** Alerts that are listed, oldest first; the counts are of all. */
const listedMax = 500;

export type Comparison = {
  /** Alerts that fired under the rules in force, and under the edited ones. */
  readonly before: number;
  readonly after: number;
  readonly by_kind: readonly { readonly kind: AlertKind; readonly before: number; readonly after: number }[];
  readonly only_before: readonly AlertState[];
  readonly only_after: readonly AlertState[];
  readonly only_before_count: number;
  readonly only_after_count: number;
  /** Alerts of `before` that have a counterpart: before − only_before_count. */
  readonly both: number;
};

function placeOf({ alert }: FiredAlert): string {
  const terminals = alert.level === 'terminal' ? alert.terminals : [];
  return [alert.kind, alert.level, alert.cluster, alert.port, ...terminals].join('/');
}

function without(own: readonly FiredAlert[], others: readonly FiredAlert[]): AlertState[] {
  const byPlace = Map.groupBy(others, placeOf);
  const hasCounterpart = (one: FiredAlert) =>
    byPlace
      .get(placeOf(one))
      ?.some((other) => other.alert.first_at_ms <= one.endMs && one.alert.first_at_ms <= other.endMs) === true;
  return own.filter((one) => !hasCounterpart(one)).map(({ alert }) => alert);
}

export function compareRuns(before: readonly FiredAlert[], after: readonly FiredAlert[]): Comparison {
  const [onlyBefore, onlyAfter] = [without(before, after), without(after, before)];
  const countOf = (all: readonly FiredAlert[], kind: AlertKind) => all.filter((one) => one.alert.kind === kind).length;
  return {
    before: before.length,
    after: after.length,
    by_kind: ALERT_KINDS.map((kind) => ({ kind, before: countOf(before, kind), after: countOf(after, kind) })),
    only_before: onlyBefore.slice(0, listedMax),
    only_after: onlyAfter.slice(0, listedMax),
    only_before_count: onlyBefore.length,
    only_after_count: onlyAfter.length,
    both: before.length - onlyBefore.length,
  };
}
