/**
 * How good a run's alerts are against the scenario that disturbed its feeds: recall by the right family, delays, openings an event, and alerts
 * that no event explains. Feeds also fall silent by themselves, as real ones do; these alerts are counted apart.
 */
import type { AlertKind, AlertTransition, ScenarioEvent } from '@quaywatch/contracts';

const hourMs = 3_600_000;

/** An alert that fired: when, as what, and until when. */
export type Fired = {
  readonly id: string;
  readonly level: AlertTransition['level'];
  readonly cluster: string;
  readonly port: string;
  readonly kinds: ReadonlySet<AlertKind>;
  readonly firedMs: number;
};

type Truth = Exclude<ScenarioEvent['kind'], 'rebound'>;

const families: Readonly<Record<Truth, readonly AlertKind[]>> = {
  closure: ['stall', 'drop'],
  stall: ['stall', 'drop'],
  drop: ['drop', 'stall'],
  surge: ['surge'],
  drift: ['drift', 'year_on_year'],
  silent_feed: ['feed_silent'],
  double_counting: ['double_counting'],
};
/** Hours after an event's end in which an alert still tells of it. */
const graceHours: Readonly<Record<Truth, number>> = {
  closure: 1,
  stall: 1,
  drop: 3,
  surge: 3,
  drift: 48,
  silent_feed: 0.5,
  double_counting: 1,
};
/** Hours after an event's end in which an alert is its aftermath: neither right nor false. */
const afterHours: Readonly<Record<ScenarioEvent['kind'], number>> = {
  closure: 30,
  rebound: 48,
  stall: 6,
  drop: 24,
  surge: 24,
  drift: 14 * 24,
  silent_feed: 44,
  double_counting: 6,
};
const feedKinds: ReadonlySet<AlertKind> = new Set(['feed_silent', 'feed_late', 'ledger_gap' as AlertKind]);

export type TrialScore = {
  readonly events: Readonly<
    Record<
      Truth,
      { n: number; recall: number | null; openings: number; medianMin: number | null; p90Min: number | null }
    >
  >;
  readonly missed: readonly ScenarioEvent[];
  readonly portWeeks: number;
  /** Of ports' work: no event explains them. */
  readonly falseAlerts: readonly Fired[];
  readonly falsePerPortWeek: number;
  /** Feeds that fell silent or behind without an event of the scenario. */
  readonly ownFeedAlerts: number;
};

/** Alerts that fired, out of their transitions. */
export function firedOf(transitions: readonly AlertTransition[]): Fired[] {
  const byId = new Map<string, AlertTransition[]>();
  for (const one of transitions) byId.set(one.alert_id, [...(byId.get(one.alert_id) ?? []), one]);
  return [...byId.values()].flatMap((all) => {
    const told = all.sort((a, b) => a.transition - b.transition).filter((one) => one.status !== 'pending');
    const first = told.find((one) => one.status === 'firing');
    if (first === undefined) return [];
    const { alert_id: id, level, cluster, port, at_ms: firedMs } = first;
    return [{ id, level, cluster, port, kinds: new Set(told.map((one) => one.kind)), firedMs }];
  });
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** @param judgedFromMs detection has learned by then. */
export function scoreTrial(
  events: readonly ScenarioEvent[],
  fired: readonly Fired[],
  judgedFromMs: number,
  endMs: number,
  ports: number,
): TrialScore {
  const ofPorts = fired.filter((one) => one.port !== '' && one.firedMs >= judgedFromMs);
  const judged = events.filter((event) => event.from_ms >= judgedFromMs && event.to_ms <= endMs);
  const missed: ScenarioEvent[] = [];
  const scores = Object.fromEntries(
    (Object.keys(families) as Truth[]).map((kind) => {
      const those = judged.filter((event) => event.kind === kind);
      const delays: number[] = [];
      let openings = 0;
      for (const event of those) {
        const found = ofPorts.filter(
          (one) =>
            one.port === event.port &&
            one.firedMs > event.from_ms &&
            one.firedMs <= event.to_ms + graceHours[kind] * hourMs &&
            families[kind].some((family) => one.kinds.has(family)),
        );
        openings += found.length;
        if (found.length === 0) missed.push(event);
        else delays.push((Math.min(...found.map((one) => one.firedMs)) - event.from_ms) / 60_000);
      }
      delays.sort((a, b) => a - b);
      const [n, hits] = [those.length, delays.length];
      const medianMin = quantile(delays, 0.5);
      const p90Min = quantile(delays, 0.9);
      return [
        kind,
        { n, recall: n === 0 ? null : hits / n, openings: openings / Math.max(1, hits), medianMin, p90Min },
      ];
    }),
  ) as TrialScore['events'];
  const unexplained = ofPorts.filter(
    (one) =>
      !events.some(
        (event) =>
          event.port === one.port &&
          one.firedMs > event.from_ms &&
          one.firedMs <= event.to_ms + afterHours[event.kind] * hourMs,
      ),
  );
  const falseAlerts = unexplained.filter((one) => ![...one.kinds].some((kind) => feedKinds.has(kind)));
  const portWeeks = (ports * (endMs - judgedFromMs)) / (7 * 24 * hourMs);
  return {
    events: scores,
    missed,
    portWeeks,
    falseAlerts,
    falsePerPortWeek: falseAlerts.length / portWeeks,
    ownFeedAlerts: unexplained.length - falseAlerts.length,
  };
}
