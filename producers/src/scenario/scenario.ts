/**
 * Scenarios: what disturbs the simulated feeds, as people write it, and its ground truth as the rest of the product reads it.
 * A scenario says what happens; when it is anchored, offsets become times. It makes no moves.
 */
import { PORTS, portOf, type ScenarioEvent, terminalOf } from '@quaywatch/contracts';
import { parseDurationMs, seedOf } from '@quaywatch/runtime';

type ScenarioItem = {
  readonly kind: ScenarioEvent['kind'];
  /** Trade code. */
  readonly port: string;
  /** `LOCODE:SMDG`; none means all terminals of the port. */
  readonly terminals?: readonly string[];
  /** `2025-03-04T12:00:00+08:00`, or relative to the start of the feeds: `+1m`, `-2h`. */
  readonly from: string;
  readonly to: string;
  readonly factor?: number;
  readonly note_en?: string;
  readonly note_zh?: string;
};

export type Scenario = {
  readonly name: string;
  /** Whether the rest of a half-year makes up for what events take, so that official totals stay exact. Live feeds never do. */
  readonly gives_back: boolean;
  /** Duplicates, late and malformed reports, outages and so on, beside the events. */
  readonly imperfect: boolean;
  readonly seed?: number;
  readonly events: readonly ScenarioItem[];
};

const SCENARIO_KINDS: readonly ScenarioEvent['kind'][] = [
  'closure',
  'rebound',
  'stall',
  'surge',
  'drop',
  'drift',
  'silent_feed',
  'double_counting',
];
const NEEDS_FACTOR: ReadonlySet<string> = new Set(['rebound', 'surge', 'drop', 'drift']);
const factorMax = 5;
const eventsMax = 500;

/** A scenario file is wrong; the message lists every problem. */
export class ScenarioError extends Error {
  readonly code = 'bad_scenario';
  readonly problems: readonly string[];
  constructor(where: string, problems: readonly string[]) {
    super(`${where} is not a scenario that can run:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Moment of `+1m`, `-2h`, `0s` from the anchor, or of a time with a zone; undefined when it is neither. UTC ms, whole minutes. */
export function momentOf(text: string, anchorMs: number): number | undefined {
  const relative = /^([+-]?)(\d.*)$/.exec(text);
  const duration = relative === null ? undefined : parseDurationMs(relative[2] ?? '');
  const absolute = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  const moment = duration !== undefined ? anchorMs + (relative?.[1] === '-' ? -duration : duration) : absolute;
  // The feeds' work is planned by the minute.
  return Number.isNaN(moment) ? undefined : Math.round(moment / 60_000) * 60_000;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ITEM_FIELDS = new Set(['kind', 'port', 'terminals', 'from', 'to', 'factor', 'note_en', 'note_zh']);
const SCENARIO_FIELDS = new Set(['name', 'gives_back', 'imperfect', 'seed', 'events']);

function unknownFields(fields: Fields, known: ReadonlySet<string>, where: string): string[] {
  return Object.keys(fields)
    .filter((name) => !known.has(name))
    .map((name) => `${where}: ${JSON.stringify(name)} is not a field (there are ${[...known].join(', ')})`);
}

function terminalProblems(value: unknown, portCode: string, where: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0)
    return [`${where}.terminals: must be a list of codes such as CNYTN:YICT`];
  return value.flatMap((code: unknown) => {
    const terminal = typeof code === 'string' ? terminalOf(code) : undefined;
    if (terminal === undefined) return [`${where}.terminals: ${JSON.stringify(code)} is not a terminal`];
    const owner = PORTS[terminal.portIndex]?.code;
    return owner === portCode ? [] : [`${where}.terminals: ${JSON.stringify(code)} is in ${owner}, not in ${portCode}`];
  });
}

function timeProblems(item: Fields, where: string): string[] {
  const moments = ['from', 'to'].map((name) => {
    const value = item[name];
    return typeof value === 'string' ? momentOf(value, 0) : undefined;
  });
  const problems = ['from', 'to']
    .filter((_, i) => moments[i] === undefined)
    .map((name) => `${where}.${name}: must be a time with a zone (2025-03-04T12:00:00+08:00) or an offset (+1m, -2h)`);
  const [from, to] = moments;
  const isRelative = ['from', 'to'].map((name) => !/[Z:]/.test(String(item[name])));
  if (from !== undefined && to !== undefined && isRelative[0] === isRelative[1] && to <= from) {
    problems.push(`${where}: must end after it begins`);
  }
  return problems;
}

function itemProblems(item: unknown, where: string): string[] {
  if (!isFields(item)) return [`${where}: must be an object`];
  const { kind, port, factor } = item;
  const problems = unknownFields(item, ITEM_FIELDS, where);
  const isKind = SCENARIO_KINDS.some((known) => known === kind);
  if (!isKind) problems.push(`${where}.kind: must be one of ${SCENARIO_KINDS.join(', ')}`);
  const known = typeof port === 'string' ? portOf(port) : undefined;
  if (known === undefined) problems.push(`${where}.port: ${JSON.stringify(port)} is not a port`);
  else problems.push(...terminalProblems(item['terminals'], known.code, where));
  problems.push(...timeProblems(item, where));
  if (factor === undefined && NEEDS_FACTOR.has(String(kind))) problems.push(`${where}.factor: is needed for a ${kind}`);
  if (factor !== undefined && !(typeof factor === 'number' && factor >= 0 && factor <= factorMax)) {
    problems.push(`${where}.factor: must be a number from 0 to ${factorMax}`);
  }
  for (const note of ['note_en', 'note_zh']) {
    if (item[note] !== undefined && typeof item[note] !== 'string') problems.push(`${where}.${note}: must be text`);
  }
  return problems;
}

/** The only way in for a scenario file's text. @throws ScenarioError naming every problem. */
export function decodeScenario(text: string, where: string): Scenario {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ScenarioError(where, [`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
  if (!isFields(value)) throw new ScenarioError(where, ['it must be an object with a name and events']);
  const { name, events, seed } = value;
  const problems = unknownFields(value, SCENARIO_FIELDS, 'scenario');
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,40}$/.test(name))
    problems.push('name: must be 1 to 40 of a–z, 0–9 and "-"');
  for (const field of ['gives_back', 'imperfect']) {
    if (value[field] !== undefined && typeof value[field] !== 'boolean')
      problems.push(`${field}: must be true or false`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) problems.push('seed: must be a whole number');
  if (!Array.isArray(events) || events.length > eventsMax)
    problems.push(`events: must be a list of at most ${eventsMax}`);
  else problems.push(...events.flatMap((item: unknown, i) => itemProblems(item, `events[${i}]`)));
  if (problems.length > 0) throw new ScenarioError(where, problems);
  return { gives_back: true, imperfect: true, ...value } as Scenario;
}

/** Ground truth of a scenario whose offsets count from `anchorMs`. Ids are stable for the same scenario, anchor and stretch. */
export function anchorScenario(scenario: Scenario, anchorMs: number, stretch: string): readonly ScenarioEvent[] {
  const problems: string[] = [];
  const events = scenario.events.map((item, i) => {
    const fromMs = momentOf(item.from, anchorMs) ?? 0;
    const toMs = momentOf(item.to, anchorMs) ?? 0;
    if (toMs <= fromMs) problems.push(`events[${i}]: must end after it begins`);
    const factor = item.factor ?? (item.kind === 'closure' || item.kind === 'stall' ? 0 : null);
    return {
      id: `${stretch}/${scenario.name}/${seedOf(scenario.name, i, fromMs, item.port, item.kind).toString(36)}`,
      kind: item.kind,
      port: portOf(item.port)?.code ?? item.port,
      terminals: (item.terminals ?? []).map((code) => terminalOf(code)?.code ?? code),
      from_ms: fromMs,
      to_ms: toMs,
      factor,
      note_en: item.note_en ?? '',
      note_zh: item.note_zh ?? '',
      stretch,
    };
  });
  if (problems.length > 0) throw new ScenarioError(scenario.name, problems);
  return events;
}
