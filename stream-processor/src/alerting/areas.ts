/**
 * Detection above ports: clusters and the nation, one decision a 5-minute window, when every port's window has closed. The same series, rules
 * and incidents as for ports; contributors are ports.
 */
import { type AlertTransition, type ClusterGroup, PORTS, type RuleSet } from '@quaywatch/contracts';
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
  const byPort = new Map(windows.map((window) => [window.portIndex, window]));
  for (const cluster of CLUSTERS) decideArea(state, cluster, decision, byPort, orphans, out);
  decideArea(state, '', decision, byPort, orphans, out);
}

function decideArea(
  state: AreasState,
  cluster: ClusterGroup | '',
  decision: AreaDecision,
  windows: ReadonlyMap<number, PortWindow>,
  orphans: Orphan[],
  out: AlertTransition[],
): void {
  const { endMs, run } = decision;
  const place: Place = { level: cluster === '' ? 'nation' : 'cluster', cluster, port: '', terminal: '' };
  const area = areaIn(state, cluster);
  const set = rulesAt(decision.rules, endMs - fiveMs);
  const rules = placeRules(set, place.level, '');
  const { teu, baseline, lastYear, covered, knownAtMs } = addPorts(area, cluster, set, decision, windows);
  const steps: Step[] = [];
  const reading = {
    endMs,
    teu,
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

/** What an area's ports did and should have done, TEU; `teu` is null when none was seen. */
type AreaSum = {
  teu: number | null;
  baseline: number;
  lastYear: number;
  /** Share of the expected work that was seen. */
  covered: number;
  /** Log time. */
  knownAtMs: number;
};

/** Adds up the ports, and notes what each did beyond what was expected of it. Who is planned to stop is left out of both sides. */
function addPorts(
  { series, parts }: AreaState,
  cluster: ClusterGroup | '',
  set: RuleSet,
  { endMs, portHour, lastYearHour }: AreaDecision,
  windows: ReadonlyMap<number, PortWindow>,
): AreaSum {
  const planned = plannedPorts(set, endMs);
  const level = series.level.recent;
  const sum: AreaSum = { teu: null, baseline: 0, lastYear: 0, covered: 0, knownAtMs: endMs };
  let all = 0;
  for (const { index, code, clusterGroup } of PORTS) {
    if (cluster !== '' && clusterGroup !== cluster) continue;
    const isPlanned = planned.has(code);
    const whole = portHour(index, endMs - 1) ?? 0;
    if (!isPlanned) all += whole / 1200;
    const window = isPlanned ? undefined : windows.get(index);
    // Of who is not seen nothing is known, and what it did three hours ago is not what it does now.
    notePart(parts, code, endMs, window === undefined ? 0 : (window.teu - window.baseline * level) / 100);
    if (window === undefined) continue;
    sum.teu = (sum.teu ?? 0) + window.teu / 100;
    sum.baseline += window.baseline / 100;
    // Of last year as much as of this one is in the window: a feed that is silent is no growth.
    const part = whole > 0 ? Math.min(1, (12 * window.baseline) / whole) : 0;
    sum.lastYear += (part * (lastYearHour(index, endMs - 1) ?? 0)) / 1200;
    sum.knownAtMs = Math.max(sum.knownAtMs, window.knownAtMs);
  }
  return { ...sum, covered: all > 0 ? sum.baseline / all : 0 };
}

/** Ports where work is planned to stop in the window that ends at `endMs`, be it at one terminal: above ports only their sum is known. */
function plannedPorts({ detection }: RuleSet, endMs: number): ReadonlySet<string> {
  const now = detection.planned.filter((one) => one.from_ms < endMs && one.to_ms > endMs - fiveMs);
  return new Set(now.map(({ port }) => port));
}

function areaIn(state: AreasState, cluster: string): AreaState {
  const known = state[cluster];
  if (known !== undefined) return known;
  const made: AreaState = { series: createSeries(), parts: {}, throughput: null, lasting: null };
  state[cluster] = made;
  return made;
}
