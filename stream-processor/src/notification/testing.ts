/** What the tests of the notifier share: alerts out of a few words, and a log that is decided on as the notifier does it. */
import {
  type Action,
  type AlertTransition,
  DEFAULT_ROUTING,
  DEFAULT_RULE_SET,
  type NotificationRecord,
  type ReceiverType,
  type Route,
  type RoutingRules,
} from '@quaywatch/contracts';
import { decide } from './decide.ts';
import { createKnowledge, type Knowledge, putAction, putRecord, putRuleSet, putTransition } from './knowledge.ts';
import type { Setup } from './round.ts';

export const second = 1_000;
export const minute = 60_000;
/** When stories begin: any time does. */
export const start = 1_760_000_000_000;

export function transition(
  id: string,
  number: number,
  status: AlertTransition['status'],
  atMs: number,
  more: Partial<AlertTransition> = {},
): AlertTransition {
  return {
    run: 'live',
    alert_id: id,
    transition: number,
    kind: 'drop',
    level: 'port',
    severity: 'warning',
    status,
    phase: 'closed',
    cluster: 'yangtze',
    port: 'CNSHA',
    terminals: ['CNSGH:SGICT'],
    measure: '',
    at_ms: atMs,
    since_ms: atMs - 15 * minute,
    known_at_ms: atMs,
    value: 2_000,
    expected: 5_000,
    band: 500,
    deviation_pct: -60,
    z: -9,
    size_teu: -750,
    regained_teu: null,
    window_s: 900,
    watermark_ms: atMs,
    completeness: 1,
    rule: 'drop/port',
    rules_version: 0,
    contributors: [{ port: 'CNSHA', terminal: 'CNSGH:SGICT', teu: -750, share_pct: 100 }],
    evidence: [],
    resolves: { within_pct: 10, hold_min: 30 },
    reason: 'threshold_held',
    simulated: true,
    ...more,
  };
}

export const rootRoute = (more: Partial<Route> = {}): Route => ({ ...DEFAULT_ROUTING.route, ...more });

export type Said = { at: number } & (
  | { transition: AlertTransition }
  | { action: Action }
  | { routing: Partial<RoutingRules>; version: number }
);

/** A notifier that knows what is in the log so far. */
export function know(log: readonly Said[], records: readonly NotificationRecord[]): Knowledge {
  const knowledge = createKnowledge();
  for (const one of log) {
    if ('transition' in one) putTransition(knowledge, one.transition, one.at);
    else if ('action' in one) putAction(knowledge, one.action);
    else
      putRuleSet(knowledge, {
        ...DEFAULT_RULE_SET,
        version: one.version,
        saved_at_ms: one.at,
        routing: { ...DEFAULT_ROUTING, ...one.routing },
      });
  }
  for (const record of records) putRecord(knowledge, record);
  return knowledge;
}

export function setupOf(types: Readonly<Record<string, ReceiverType>> = { page: 'page' }): Setup {
  return { receivers: new Map(Object.entries(types)), watchdog: undefined, isPipelineAlive: true };
}

/** Decides until nothing more is due; the records go into the log that was given. */
export function settle(log: readonly Said[], records: NotificationRecord[], setup: Setup, nowMs: number): void {
  const heard = log.filter((one) => one.at <= nowMs);
  for (let round = 0; ; round++) {
    const made = decide(know(heard, records), setup, nowMs);
    if (made.length === 0) return;
    if (round > 5) throw new Error(`It goes on deciding: ${JSON.stringify(made)}`);
    records.push(...made);
  }
}

/** Lives through a log with a beat every so often, and gives what was decided, as short lines. */
export function live(
  log: readonly Said[],
  {
    setup = setupOf(),
    untilMs,
    beatMs = 10 * second,
    beganMs = start,
  }: {
    setup?: Setup;
    untilMs: number;
    beatMs?: number;
    beganMs?: number;
  },
): NotificationRecord[] {
  const records: NotificationRecord[] = [{ kind: 'receivers', receivers: [], at_ms: beganMs }];
  for (let nowMs = beganMs; nowMs <= untilMs; nowMs += beatMs) settle(log, records, setup, nowMs);
  return records;
}

/** `+40 page new a/1/page`: seconds since the start, receiver, what. */
export function lines(records: readonly NotificationRecord[]): string[] {
  return records.flatMap((record) => {
    if (record.kind === 'decision') {
      const keys = record.items.map((item) => item.key).join(' ');
      return [`+${(record.decided_at_ms - start) / second} ${record.receiver} ${record.reason} ${keys}`.trimEnd()];
    }
    if (record.kind === 'held_back')
      return [`+${(record.decided_at_ms - start) / second} held ${record.because} by ${record.by} ${record.key}`];
    return [];
  });
}
