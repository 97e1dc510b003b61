/**
 * Detection above ports: clusters and the nation, one decision a 5-minute window, when every port's window has closed. The same series, rules
 * and incidents as for ports; contributors are ports.
 */
import { type AlertTransition, type ClusterGroup, PORTS } from '@quaywatch/contracts';
import type { Incident, Place } from './incident.ts';
import { endOrphans, type Orphan } from './orphans.ts';
import { placeRules } from './place-rules.ts';
import type { PortWindow } from './port-windows.ts';
import { type RuleTimeline, rulesAt } from './rule-timeline.ts';
import { createSeries, decideSeries, type SeriesState } from './series/series.ts';
import type { Step } from './series/step.ts';
import {
  followLasting,
  followThroughput,
  NO_STOPS,
  notePart,
  type Parts,
  type ThroughputIncident,
} from './throughput.ts';

type AreaState = { series: SeriesState; parts: Parts; throughput: ThroughputIncident | null; lasting: Incident | null };

/** By cluster; '' is the nation. */
export type AreasState = Record<string, AreaState>;

export type AreaDecision = {
  readonly run: string;
  readonly rules: RuleTimeline;
  readonly isSimulated: boolean;
  readonly endMs: number;
  /** TEU hundredths that the baseline expects of a port in an hour; null beyond it. */
  readonly portHour: (portIndex: number, hourMs: number) => number | null;
  /** The same of the comparable hour a year before. */
  readonly lastYearHour: (portIndex: number, hourMs: number) => number | null;
  readonly doubtAt: (timeMs: number) => number;
};

const fiveMs = 300_000;
const CLUSTERS: readonly ClusterGroup[] = ['yangtze', 'pearl', 'bohai', 'south_coast'];

export function createAreas(): AreasState {
  return {};
}

/**
 * Takes the windows of all ports that end at `endMs`; ports without data are left out. Transitions are appended to `out`.
 * @param orphans open incidents of an older version, which end now.
 */
export function decideAreas(
  state: AreasState,
  decision: AreaDecision,
  windows: readonly PortWindow[],
  out: AlertTransition[],
  orphans: Orphan[] = [],
): void {
  for (const cluster of CLUSTERS) {
    const own = windows.filter((window) => PORTS[window.portIndex]?.clusterGroup === cluster);
    decideArea(state, cluster, decision, own, orphans, out);
  }
  decideArea(state, '', decision, windows, orphans, out);
}

function decideArea(
  state: AreasState,
  cluster: ClusterGroup | '',
  decision: AreaDecision,
  windows: readonly PortWindow[],
  orphans: Orphan[],
  out: AlertTransition[],
): void {
  const { endMs, run } = decision;
  const place: Place = { level: cluster === '' ? 'nation' : 'cluster', cluster, port: '', terminal: '' };
  const area = areaIn(state, cluster);
  const set = rulesAt(decision.rules, endMs - fiveMs);
  const rules = placeRules(set, place.level, '');
  let [teu, baseline, lastYear, knownAtMs] = [0, 0, 0, endMs];
  const all = PORTS.filter((port) => cluster === '' || port.clusterGroup === cluster).reduce(
    (sum, port) => sum + (decision.portHour(port.index, endMs - 1) ?? 0) / 1200,
    0,
  );
  const level = area.series.level.recent;
  for (const window of windows) {
    teu += window.teu / 100;
    baseline += window.baseline / 100;
    // Of last year as much as of this one is in the window: a feed that is silent is no growth.
    const whole = decision.portHour(window.portIndex, endMs - 1) ?? 0;
    const part = whole > 0 ? Math.min(1, (12 * window.baseline) / whole) : 0;
    lastYear += (part * (decision.lastYearHour(window.portIndex, endMs - 1) ?? 0)) / 1200;
    knownAtMs = Math.max(knownAtMs, window.knownAtMs);
    const difference = (window.teu - window.baseline * level) / 100;
    notePart(area.parts, PORTS[window.portIndex]?.code ?? '', endMs, difference);
  }
  const covered = all > 0 ? baseline / all : 0;
  const steps: Step[] = [];
  const reading = {
    endMs,
    teu: windows.length === 0 ? null : teu,
    baseline,
    calendar: 1,
    doubt: decision.doubtAt(endMs - 1),
    // Of many feeds one is often silent; the baseline leaves it out.
    covered: covered > 0.9 ? 1 : covered,
    duplicates: null,
    lastYear: lastYear > 0 ? lastYear : null,
    isPlanned: false,
  };
  decideSeries(area.series, reading, rules.series, steps);
  const moment = {
    run,
    endMs,
    logTimeMs: knownAtMs,
    watermarkMs: endMs,
    completeness: covered,
    rulesVersion: set.version,
    isSimulated: decision.isSimulated,
  };
  endOrphans(orphans, place, moment, rules, out);
  const { series, parts } = area;
  const sight = { place, rules, moment, series, parts, steps, stops: NO_STOPS, stopRule: rules.kinds.stall };
  area.throughput = followThroughput(area.throughput, sight, out);
  area.lasting = followLasting(area.lasting, sight, out);
}

function areaIn(state: AreasState, cluster: string): AreaState {
  const known = state[cluster];
  if (known !== undefined) return known;
  const made: AreaState = { series: createSeries(), parts: {}, throughput: null, lasting: null };
  state[cluster] = made;
  return made;
}
