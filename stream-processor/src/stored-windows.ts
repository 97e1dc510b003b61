/** The second stage's windows out of storage: for the live run, and for a replay that goes on after a crash. */
import { terminalOf } from '@quaywatch/contracts';
import type { ClosedWindow } from './adapters/clickhouse-store.ts';
import { isCovered, type PortWindows, portWindowOf, type TerminalPart } from './alerting/port-windows.ts';
import type { Expectations } from './partition-options.ts';

/** Puts terminals' stored windows together to those of their ports. */
export function putClosed(
  windows: PortWindows,
  closed: readonly ClosedWindow[],
  expectedHour: Expectations['expectedHour'],
): void {
  const byPort = new Map<
    string,
    { portIndex: number; endMs: number; knownAtMs: number; parts: Map<number, TerminalPart> }
  >();
  for (const one of closed) {
    const terminal = terminalOf(one.terminal);
    if (terminal === undefined) continue;
    const key = `${terminal.portIndex}/${one.end_ms}`;
    const port = byPort.get(key) ?? {
      portIndex: terminal.portIndex,
      endMs: one.end_ms,
      knownAtMs: 0,
      parts: new Map(),
    };
    byPort.set(key, port);
    port.knownAtMs = Math.max(port.knownAtMs, one.known_at_ms);
    port.parts.set(terminal.index, {
      teu: one.teu,
      moves: one.moves,
      completeness: one.completeness,
      // Divided as the core does, to the same last bit.
      baseline: ((expectedHour(terminal.index, one.end_ms - 1) ?? 0) / 1200) * 100,
    });
  }
  for (const { portIndex, endMs, knownAtMs, parts } of byPort.values()) {
    const inOrder = [...parts].sort((a, b) => a[0] - b[0]).map(([, part]) => part);
    if (isCovered(inOrder)) windows.put(portWindowOf(portIndex, endMs, knownAtMs, inOrder));
  }
}
