/** Rules for one place: the kinds with their overrides, ready for a decision. Made once for each rule version and place. */
import type { AlertKind, AlertLevel, DetectionRules, KindRule, RuleSet } from '@quaywatch/contracts';
import { readyRules, type SeriesRules } from './series/series-rules.ts';

export type PlaceRules = {
  readonly version: number;
  readonly kinds: Readonly<Record<AlertKind, KindRule>>;
  /** What the place's own series is judged by; kinds that are not looked for at this level are switched off. */
  readonly series: SeriesRules;
  readonly planned: DetectionRules['planned'];
};

type Made = Record<AlertLevel, Map<string, PlaceRules>>;
const made = new WeakMap<RuleSet, Made>();

function kindsAt(detection: DetectionRules, level: AlertLevel, port: string): Record<AlertKind, KindRule> {
  const kinds = { ...detection.kinds };
  for (const override of detection.overrides) {
    if (!override.ports.includes(port)) continue;
    const { ports: _ports, kinds: meant, ...fields } = override;
    for (const kind of meant) kinds[kind] = { ...kinds[kind], ...fields };
  }
  for (const [kind, rule] of Object.entries(kinds) as [AlertKind, KindRule][])
    if (!rule.levels.includes(level)) kinds[kind] = { ...rule, enabled: false };
  return kinds;
}

/** @param port '' above ports. */
export function placeRules(set: RuleSet, level: AlertLevel, port: string): PlaceRules {
  let places = made.get(set);
  if (places === undefined) {
    places = { terminal: new Map(), port: new Map(), cluster: new Map(), nation: new Map() };
    made.set(set, places);
  }
  const known = places[level].get(port);
  if (known !== undefined) return known;
  const kinds = kindsAt(set.detection, level, port);
  // Of silence and double sending the product knows more than a series can see: which terminal, and since when.
  const off = (kind: 'feed_silent' | 'double_counting') => ({ ...kinds[kind], enabled: false });
  // Stopped terminals are counted by the moves that did not come (`stops.ts`); a terminal's own series is judged for the rest.
  const stall = level === 'terminal' ? { ...kinds.stall, enabled: false } : kinds.stall;
  const series = readyRules({
    ...kinds,
    stall,
    feed_silent: off('feed_silent'),
    double_counting: off('double_counting'),
  });
  const planned = set.detection.planned.filter((one) => one.port === port);
  const rules = { version: set.version, kinds, series, planned };
  places[level].set(port, rules);
  return rules;
}
