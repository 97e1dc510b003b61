/**
 * A view is the content of one channel: whole (a snapshot) or what changed beyond a cursor (a frame). Shared frames, merged frames of
 * lagging clients and resumed clients are all `since`, so there is one way to be right. Bodies are JSON members without braces.
 */
import { type Cursor, PORTS, type WindowPoint, type WindowSizeS } from '@quaywatch/contracts';
import { type LiveState, logTimeMs, terminalRing, watermarkMs } from '../state/live-state.ts';
import { TERMINALS_OF_PORT } from '../state/places.ts';
import { nationSummary, portSummary, statusSummary } from '../state/summaries.ts';
import { callsOf, terminalSummary } from '../state/terminals.ts';
import { changedStarts, portPoint, terminalPoint } from '../state/windows.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export type View = {
  readonly cursor: () => Cursor;
  readonly asOfMs: () => number;
  readonly watermarkMs: () => number;
  readonly snapshot: () => string;
  /** Undefined when the view cannot tell what changed since: the client needs a snapshot. */
  readonly since: (cursor: Cursor) => string | undefined;
  /** Whether `since` could answer; cheap. */
  readonly canResume: (cursor: Cursor) => boolean;
  /** Changes when there is something to say though the cursor stands still. */
  readonly token: () => string;
};

/** Where the memory of a live state begins: cursors before it cannot be resumed. */
export type LogStart = { readonly positions: ArrayLike<number> };

/** A cursor further ahead than this is of another log, not of a faster gateway. */
const aheadMax = 10_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Windows of a snapshot, back from log time. More is in /api/v1/throughput. */
const OVERVIEW_WINDOWS_MS = 6 * HOUR_MS;
const PORT_WINDOWS_MS: Readonly<Record<WindowSizeS, number>> = {
  60: 3 * HOUR_MS,
  300: 48 * HOUR_MS,
  3600: 14 * DAY_MS,
  86400: 62 * DAY_MS,
};
const TERMINAL_WINDOWS_MS: Readonly<Record<WindowSizeS, number>> = {
  60: HOUR_MS,
  300: 12 * HOUR_MS,
  3600: 2 * DAY_MS,
  86400: 14 * DAY_MS,
};
const SIZES = [60, 300, 3600, 86400] as const;

const list = (name: string, items: readonly string[]): string =>
  items.length === 0 ? '' : `"${name}":[${items.join(',')}]`;
const members = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(',');

/** Remembers by key what was said and at which position it changed last. */
function createMemory() {
  const known = new Map<string, { json: string; changedAt: number }>();
  return (key: string, position: number, json: string): { json: string; changedAt: number } => {
    const before = known.get(key);
    if (before?.json === json) return before;
    const now = { json, changedAt: position };
    known.set(key, now);
    return now;
  };
}

function isResumable(state: LiveState, start: LogStart, partition: number, position: number): boolean {
  return (
    position >= (start.positions[partition] ?? 0) &&
    position >= (state.rebuiltAt[partition] ?? -1) &&
    position <= (state.positions[partition] ?? 0) + aheadMax
  );
}

function portWindowsSince(
  state: LiveState,
  portIndex: number,
  sizeS: WindowSizeS,
  fromMs: number,
  after: number,
): WindowPoint[] {
  const starts = new Set<number>();
  for (const terminal of TERMINALS_OF_PORT[portIndex] ?? [])
    for (const startMs of changedStarts(terminalRing(state, terminal.index, sizeS), fromMs, after)) starts.add(startMs);
  return [...starts].sort((a, b) => a - b).flatMap((startMs) => portPoint(state, portIndex, sizeS, startMs) ?? []);
}

/**
 * Channel `overview`: ports, the nation, and 5-minute windows of ports.
 * @param hoursMs with their 1-hour windows over so long: of a played moment there is no other source for them. 0: none.
 */
export function overviewView(state: LiveState, start: LogStart, hoursMs = 0): View {
  const remember = createMemory();
  const body = (cursor: Float64Array | undefined, fromMs: number): string => {
    const summaries = PORTS.map((port) => portSummary(state, port.index));
    const ports: string[] = [];
    const windows: string[] = [];
    for (const port of PORTS) {
      const after = cursor?.[port.partition] ?? -1;
      const position = state.positions[port.partition] ?? 0;
      const said = remember(port.code, position, JSON.stringify(summaries[port.index]));
      if (said.changedAt > after || cursor === undefined) ports.push(said.json);
      if (cursor !== undefined && position <= after) continue;
      const points = portWindowsSince(state, port.index, 300, fromMs, after);
      if (hoursMs > 0)
        points.push(...portWindowsSince(state, port.index, 3600, logTimeMs(state) - hoursMs - HOUR_MS, after));
      for (const point of points) windows.push(JSON.stringify(point));
    }
    return members(
      list('ports', ports),
      `"nation":${JSON.stringify(nationSummary(state, summaries))}`,
      list('windows', windows),
    );
  };
  const canResume = (text: Cursor) =>
    decodeCursor(text, state.positions.length)?.every((position, partition) =>
      isResumable(state, start, partition, position),
    ) === true;
  return {
    canResume,
    cursor: () => encodeCursor(state.positions),
    asOfMs: () => logTimeMs(state),
    watermarkMs: () => watermarkMs(state),
    snapshot: () => body(undefined, logTimeMs(state) - OVERVIEW_WINDOWS_MS),
    since: (text) => (canResume(text) ? body(decodeCursor(text, state.positions.length), 0) : undefined),
    token: () => '',
  };
}

/** Channel `port:<code>`: one port with its terminals, all sizes, and its calls. The cursor is its partition's alone. */
export function portView(state: LiveState, start: LogStart, portIndex: number): View {
  const partition = PORTS[portIndex]?.partition ?? -1;
  const terminals = TERMINALS_OF_PORT[portIndex] ?? [];
  const remember = createMemory();
  const windows = (after: number, spans: { port: typeof PORT_WINDOWS_MS; terminal: typeof PORT_WINDOWS_MS } | null) => {
    const points: WindowPoint[] = [];
    const nowMs = logTimeMs(state);
    for (const sizeS of SIZES) {
      const portFromMs = spans === null ? 0 : nowMs - spans.port[sizeS];
      const terminalFromMs = spans === null ? 0 : nowMs - spans.terminal[sizeS];
      points.push(...portWindowsSince(state, portIndex, sizeS, portFromMs, after));
      for (const { index } of terminals)
        for (const startMs of changedStarts(terminalRing(state, index, sizeS), terminalFromMs, after))
          points.push(...[terminalPoint(state, index, sizeS, startMs)].flatMap((point) => point ?? []));
    }
    return list(
      'windows',
      points.map((point) => JSON.stringify(point)),
    );
  };
  const body = (after: number, isWhole: boolean): string => {
    const position = state.positions[partition] ?? 0;
    const said = (key: string, value: unknown) => {
      const entry = remember(key, position, JSON.stringify(value));
      return isWhole || entry.changedAt > after ? [entry.json] : [];
    };
    return members(
      list('ports', said('port', portSummary(state, portIndex))),
      list(
        'terminals',
        terminals.flatMap((terminal) => said(terminal.code, terminalSummary(state, terminal.index))),
      ),
      list(
        'calls',
        callsOf(state, portIndex).flatMap((call) => said(`call ${call.terminal} ${call.id}`, call)),
      ),
      windows(isWhole ? -1 : after, isWhole ? { port: PORT_WINDOWS_MS, terminal: TERMINAL_WINDOWS_MS } : null),
    );
  };
  const resumePosition = (text: Cursor): number | undefined => {
    const position = decodeCursor(text, 1)?.[0];
    return position !== undefined && isResumable(state, start, partition, position) ? position : undefined;
  };
  return {
    canResume: (text) => resumePosition(text) !== undefined,
    cursor: () => encodeCursor([state.positions[partition] ?? 0]),
    asOfMs: () => state.marks[partition]?.log_time_ms ?? logTimeMs(state),
    watermarkMs: () => state.marks[partition]?.watermark_ms ?? 0,
    snapshot: () => body(-1, true),
    since: (text) => {
      const position = resumePosition(text);
      return position === undefined ? undefined : body(position, false);
    },
    token: () => '',
  };
}

export type Health = { readonly healthy: boolean; readonly note: string };

/** Channel `status`: one object, replaced whole; also when only the health changed. */
export function statusView(state: LiveState, start: LogStart, health: () => Health): View {
  const body = () => {
    const { healthy, note } = health();
    return `"status":${JSON.stringify(statusSummary(state, healthy, note))}`;
  };
  return {
    ...overviewView(state, start),
    canResume: (text) => decodeCursor(text, state.positions.length) !== undefined,
    snapshot: body,
    since: (text) => (decodeCursor(text, state.positions.length) === undefined ? undefined : body()),
    token: () => JSON.stringify(health()),
  };
}
