/**
 * Detection: one decision a closed 5-minute window and port. Finds drops, surges, stalls and silent feeds, and leads each incident through
 * pending, firing, recovering, resolved and its phases. A function of the log: it knows neither people nor notifications.
 */
import type { AlertKind, AlertPhase, AlertStatus, AlertTransition, Severity } from '@quaywatch/contracts';
import { createHistory, type Deviation, deviationOver, type PortHistory, remember, teuPerMove } from './expectation.ts';
import type { AlertRules } from './rules.ts';

/** One terminal's closed 5-minute window, as detection sees it. TEU. */
export type TerminalWindow = {
  terminal: string;
  teu: number;
  /** All ship-shore moves, domestic and transhipment too: work is work. */
  moves: number;
  /** TEU of the baseline. */
  expected: number;
  completeness: number;
  isOverdue: boolean;
};

export type Decision = {
  readonly run: string;
  readonly rules: AlertRules;
  readonly port: string;
  /** End of the window that is decided on. */
  readonly endMs: number;
  readonly logTimeMs: number;
  readonly watermarkMs: number;
};

type Quiet = { sinceMs: number; expectedMoves: number; windows: number };

type Incident = {
  id: string;
  kind: AlertKind;
  status: AlertStatus;
  phase: AlertPhase;
  severity: Severity;
  sinceMs: number;
  terminals: string[];
  transition: number;
  /** Decisions since the last transition: an open incident tells its size again now and then. */
  sinceEmit: number;
  /** Decisions in a row that spoke for the next step. */
  held: number;
  sizeTeu: number;
  regainedTeu: number;
  /** TEU by terminal since `sinceMs`. */
  byTerminal: Record<string, number>;
};

type PortState = {
  history: PortHistory;
  quiet: Record<string, Quiet>;
  throughput: Incident | null;
  silence: Incident | null;
};
export type AlertingState = {
  readonly ports: Record<string, PortState>;
  /** Terminals whose feeds were overdue at the last look. */
  readonly silent: Record<string, true>;
};

export function createAlerting(): AlertingState {
  return { ports: {}, silent: {} };
}

/** A copy that shares nothing with the checkpoint it came from. */
export function restoreAlerting(state: AlertingState): AlertingState {
  return structuredClone(state);
}

const fiveMs = 300_000;

/** Takes one port's closed 5-minute window. Transitions are appended to `out`. */
export function decide(
  state: AlertingState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  out: AlertTransition[],
): void {
  const port = portIn(state, decision.port);
  // An overdue feed's zeros are not readings: silence holds drops and stalls back.
  const seen = windows.filter((window) => window.completeness > 0 && !window.isOverdue);
  const actual = seen.reduce((sum, window) => sum + window.teu, 0);
  const expected = seen.reduce((sum, window) => sum + window.expected, 0);
  for (const window of seen) followQuiet(port, window, decision.endMs);
  remember(port.history, actual, expected, port.throughput === null);
  if (seen.length > 0) decideThroughput(port, decision, seen, out);
}

/** Takes the state of one port's feeds: whether each is overdue by log time. Windows only say how much the feeds usually bring. */
export function decideFeeds(
  state: AlertingState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  out: AlertTransition[],
): void {
  for (const window of windows) {
    if (window.isOverdue) state.silent[window.terminal] = true;
    else delete state.silent[window.terminal];
  }
  decideSilence(portIn(state, decision.port), decision, windows, out);
}

export function isKnownSilent(state: AlertingState, terminal: string): boolean {
  return state.silent[terminal] === true;
}

function portIn(state: AlertingState, port: string): PortState {
  const known = state.ports[port];
  if (known !== undefined) return known;
  const made: PortState = { history: createHistory(), quiet: {}, throughput: null, silence: null };
  state.ports[port] = made;
  return made;
}

/** How long a terminal has not moved a box, counted in moves that were expected meanwhile. Zero is a reading; no feed is not. */
function followQuiet(port: PortState, window: TerminalWindow, endMs: number): void {
  const quiet = port.quiet[window.terminal];
  if (window.moves > 0) {
    delete port.quiet[window.terminal];
    return;
  }
  const expectedMoves = (window.expected * port.history.level) / teuPerMove;
  if (quiet === undefined) port.quiet[window.terminal] = { sinceMs: endMs - fiveMs, expectedMoves, windows: 1 };
  else {
    quiet.expectedMoves += expectedMoves;
    quiet.windows++;
  }
}

function stoppedTerminals(port: PortState, rules: AlertRules): string[] {
  return Object.entries(port.quiet)
    .filter(([, quiet]) => quiet.expectedMoves >= rules.stallMoves && quiet.windows >= rules.stallWindowsMin)
    .map(([terminal]) => terminal)
    .sort();
}

/** The window length that speaks loudest, among those in which enough was expected. */
function strongest(port: PortState, rules: AlertRules): Deviation | undefined {
  let best: Deviation | undefined;
  for (const windows of rules.rateWindows) {
    const deviation = deviationOver(port.history, windows);
    if (deviation === undefined || deviation.expected / teuPerMove < rules.expectedMovesMin) continue;
    if (best === undefined || Math.abs(deviation.z) > Math.abs(best.z)) best = deviation;
  }
  return best;
}

function decideThroughput(
  port: PortState,
  decision: Decision,
  seen: readonly TerminalWindow[],
  out: AlertTransition[],
): void {
  const { rules } = decision;
  const stopped = stoppedTerminals(port, rules);
  const deviation = strongest(port, rules);
  const isFar =
    deviation !== undefined && Math.abs(deviation.z) >= rules.openSigma && Math.abs(deviation.share) >= rules.openShare;
  const incident = port.throughput;
  if (incident === null) {
    if (stopped.length > 0) port.throughput = openStall(port, decision, stopped);
    else if (isFar && deviation !== undefined) port.throughput = openDeviation(decision, deviation);
    if (port.throughput !== null)
      emit(port.throughput, decision, deviation, seen, stopped.length > 0 ? 'no_moves' : 'threshold_crossed', out);
    return;
  }
  account(port, incident, seen);
  follow(port, incident, decision, seen, stopped, deviation, isFar, out);
}

function newIncident(decision: Decision, kind: AlertKind, sinceMs: number, terminals: string[]): Incident {
  const family = kind === 'feed_silent' ? 'feed' : 'throughput';
  return {
    id: `${decision.port}-${family}-${decision.endMs / 1000}`,
    kind,
    status: 'pending',
    phase: kind === 'surge' || kind === 'feed_silent' ? 'normal' : 'closed',
    severity: 'info',
    sinceMs,
    terminals,
    transition: 0,
    sinceEmit: 0,
    held: 1,
    sizeTeu: 0,
    regainedTeu: 0,
    byTerminal: {},
  };
}

function openStall(port: PortState, decision: Decision, stopped: string[]): Incident {
  const sinceMs = Math.min(...stopped.map((terminal) => port.quiet[terminal]?.sinceMs ?? decision.endMs));
  const incident = newIncident(decision, 'stall', sinceMs, stopped);
  for (const terminal of stopped) {
    const lost = -(port.quiet[terminal]?.expectedMoves ?? 0) * teuPerMove;
    incident.byTerminal[terminal] = lost;
    incident.sizeTeu += lost;
  }
  return incident;
}

function openDeviation(decision: Decision, deviation: Deviation): Incident {
  const kind = deviation.share < 0 ? 'drop' : 'surge';
  const incident = newIncident(decision, kind, decision.endMs - deviation.windows * fiveMs, []);
  incident.sizeTeu = deviation.actual - deviation.expected;
  return incident;
}

/** Adds this window to what the incident has cost or brought. */
function account(port: PortState, incident: Incident, seen: readonly TerminalWindow[]): void {
  for (const window of seen) {
    const difference = window.teu - window.expected * port.history.level;
    if (incident.status === 'recovering') {
      if (difference > 0 === incident.sizeTeu < 0) incident.regainedTeu += difference;
      continue;
    }
    incident.sizeTeu += difference;
    incident.byTerminal[window.terminal] = (incident.byTerminal[window.terminal] ?? 0) + difference;
  }
}

/** One step of an open throughput incident. */
function follow(
  port: PortState,
  incident: Incident,
  decision: Decision,
  seen: readonly TerminalWindow[],
  stopped: string[],
  deviation: Deviation | undefined,
  isFar: boolean,
  out: AlertTransition[],
): void {
  const { rules } = decision;
  const isBelow = incident.kind !== 'surge';
  const stillFar = stopped.length > 0 || (isFar && deviation !== undefined && deviation.share < 0 === isBelow);
  const isNear = stopped.length === 0 && isNearExpected(port, rules);
  switch (incident.status) {
    case 'pending':
      if (!stillFar) return dissolve(port, incident, decision, deviation, seen, out);
      return confirm(incident, decision, seen, stopped, deviation, out);
    case 'firing':
      if (adopt(incident, stopped)) emit(incident, decision, deviation, seen, 'more_terminals_stopped', out);
      else if (++incident.sinceEmit >= decision.rules.tellEvery)
        emit(incident, decision, deviation, seen, 'still_open', out);
      if (stillFar || !isNear) incident.held = 0;
      else if (++incident.held >= rules.openHold) {
        Object.assign(incident, { status: 'recovering', phase: 'normal', held: 0 });
        emit(incident, decision, deviation, seen, 'back_in_band', out);
      }
      return;
    case 'recovering':
      return recover(port, incident, decision, seen, stillFar, isNear, deviation, out);
    case 'resolved':
      return;
  }
}

function isNearExpected(port: PortState, rules: AlertRules): boolean {
  const shortest = deviationOver(port.history, rules.rateWindows[0] ?? 6);
  if (shortest === undefined) return true;
  return Math.abs(shortest.z) <= rules.closeSigma || Math.abs(shortest.share) <= rules.closeShare;
}

function confirm(
  incident: Incident,
  decision: Decision,
  seen: readonly TerminalWindow[],
  stopped: string[],
  deviation: Deviation | undefined,
  out: AlertTransition[],
): void {
  adopt(incident, stopped);
  if (++incident.held < decision.rules.openHold) return;
  Object.assign(incident, { status: 'firing', held: 0 });
  emit(incident, decision, deviation, seen, 'threshold_held', out);
}

/** A pending incident that went away was noise: it is resolved without ever having fired. */
function dissolve(
  port: PortState,
  incident: Incident,
  decision: Decision,
  deviation: Deviation | undefined,
  seen: readonly TerminalWindow[],
  out: AlertTransition[],
): void {
  incident.status = 'resolved';
  emit(incident, decision, deviation, seen, 'did_not_hold', out);
  port.throughput = null;
}

/** Terminals that stopped make a drop a stall, and stay named after they started again. True when there are new ones. */
function adopt(incident: Incident, stopped: readonly string[]): boolean {
  const added = stopped.filter((terminal) => !incident.terminals.includes(terminal));
  if (added.length === 0) return false;
  incident.terminals.push(...added);
  incident.terminals.sort();
  if (incident.kind === 'drop') incident.kind = 'stall';
  return true;
}

function recover(
  port: PortState,
  incident: Incident,
  decision: Decision,
  seen: readonly TerminalWindow[],
  stillFar: boolean,
  isNear: boolean,
  deviation: Deviation | undefined,
  out: AlertTransition[],
): void {
  const { rules } = decision;
  if (stillFar) {
    Object.assign(incident, { status: 'firing', phase: incident.kind === 'surge' ? 'normal' : 'closed', held: 0 });
    return emit(incident, decision, deviation, seen, 'back_out_of_band', out);
  }
  const hour = deviationOver(port.history, 12);
  const isRebound = incident.kind !== 'surge' && hour !== undefined && hour.share >= rules.reboundShare && hour.z >= 2;
  if (isRebound && incident.phase !== 'rebound') {
    Object.assign(incident, { phase: 'rebound', held: 0 });
    return emit(incident, decision, deviation, seen, 'above_expected_after_closure', out);
  }
  incident.held = isNear && !isRebound ? incident.held + 1 : 0;
  if (incident.held < rules.closeHold) return;
  Object.assign(incident, { status: 'resolved', phase: 'normal' });
  emit(incident, decision, deviation, seen, 'hold_elapsed', out);
  port.throughput = null;
}

/** A feed that is overdue is an incident of its own, sized by what it usually brings; it holds drops back by having no windows at all. */
function decideSilence(
  port: PortState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  out: AlertTransition[],
): void {
  const overdue = windows.filter((window) => window.isOverdue).map((window) => window.terminal);
  const incident = port.silence;
  if (incident === null) {
    if (overdue.length === 0) return;
    port.silence = Object.assign(newIncident(decision, 'feed_silent', decision.endMs - fiveMs, overdue), {
      status: 'firing',
    });
    return emit(port.silence, decision, undefined, windows, 'feed_overdue', out);
  }
  if (overdue.length === 0) {
    incident.status = 'resolved';
    emit(incident, decision, undefined, windows, 'feed_back', out);
    port.silence = null;
  } else if (adopt(incident, overdue)) emit(incident, decision, undefined, windows, 'more_feeds_overdue', out);
}

function severityOf(
  incident: Incident,
  decision: Decision,
  deviation: Deviation | undefined,
  windows: readonly TerminalWindow[],
): Severity {
  if (incident.status === 'pending') return 'info';
  if (incident.kind === 'feed_silent') {
    const all = windows.reduce((sum, window) => sum + window.expected, 0);
    const silent = windows
      .filter((window) => incident.terminals.includes(window.terminal))
      .reduce((sum, window) => sum + window.expected, 0);
    return all > 0 && silent / all >= decision.rules.criticalShare ? 'warning' : 'info';
  }
  const share = Math.abs(deviation?.share ?? 0);
  if (incident.kind === 'surge') return share >= 2 * decision.rules.criticalShare ? 'warning' : 'info';
  return share >= decision.rules.criticalShare ? 'critical' : 'warning';
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

function contributorsOf(incident: Incident): AlertTransition['contributors'] {
  const all = Object.entries(incident.byTerminal).filter(([, teu]) => teu < 0 === incident.sizeTeu < 0);
  const total = all.reduce((sum, [, teu]) => sum + teu, 0);
  return all
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1))
    .slice(0, 8)
    .map(([terminal, teu]) => ({
      terminal,
      teu: round(teu, 0),
      share_pct: total === 0 ? 0 : round((100 * teu) / total, 1),
    }));
}

function emit(
  incident: Incident,
  decision: Decision,
  deviation: Deviation | undefined,
  windows: readonly TerminalWindow[],
  reason: string,
  out: AlertTransition[],
): void {
  const isFeed = incident.kind === 'feed_silent';
  const windowS = (deviation?.windows ?? 1) * 300;
  const perHour = 3600 / windowS;
  const rate = (teu: number | undefined) => (teu === undefined ? null : round(teu * perHour, 1));
  // Severity only rises while an incident is open: people act on the worst that was seen.
  const severity = severityOf(incident, decision, deviation, windows);
  const order: readonly Severity[] = ['info', 'warning', 'critical'];
  if (order.indexOf(severity) > order.indexOf(incident.severity)) incident.severity = severity;
  const covered =
    windows.length === 0 ? 0 : windows.reduce((sum, window) => sum + window.completeness, 0) / windows.length;
  incident.sinceEmit = 0;
  out.push({
    run: decision.run,
    alert_id: incident.id,
    transition: incident.transition++,
    kind: incident.kind,
    severity: incident.severity,
    status: incident.status,
    phase: incident.phase,
    port: decision.port,
    terminals: [...incident.terminals],
    at_ms: decision.endMs,
    since_ms: incident.sinceMs,
    known_at_ms: decision.logTimeMs,
    value: isFeed ? null : rate(deviation?.actual),
    expected: rate(deviation?.expected),
    band: isFeed || deviation === undefined ? null : rate(1.645 * deviation.sigma),
    deviation_pct: isFeed || deviation === undefined ? null : round(100 * deviation.share, 1),
    size_teu: isFeed ? null : round(incident.sizeTeu, 0),
    regained_teu: isFeed ? null : round(incident.regainedTeu, 0),
    window_s: windowS,
    watermark_ms: decision.watermarkMs,
    completeness: round(covered, 4),
    rule: isFeed ? 'feed-silent' : incident.kind === 'stall' ? 'terminal-stall' : 'port-rate',
    rules_version: decision.rules.version,
    contributors: contributorsOf(incident),
    reason,
    simulated: true,
  });
}
