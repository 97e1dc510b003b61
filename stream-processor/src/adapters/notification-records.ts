/** Records of the topics that the notifier reads, from bytes to what they say: the only way in. Undefined: it is none of these. */
import {
  ACTIONS_TOPIC,
  type Action,
  ALERTS_TOPIC,
  type AlertTransition,
  NOTIFICATIONS_TOPIC,
  type NotificationRecord,
  RULES_TOPIC,
} from '@quaywatch/contracts';
import { decodeRuleSet, matcherSchema } from '@quaywatch/contracts/rules-schema';
import { z } from 'zod';
import { type Knowledge, putAction, putRecord, putRuleSet, putTransition } from '../notification/knowledge.ts';

const text = z.string();
const timeMs = z.number();
const severity = z.enum(['critical', 'warning', 'info']);

/** What deciding and telling rely on; detection vouches for the rest. */
const transitionShape = z.looseObject({
  run: text,
  alert_id: text.min(1),
  transition: z.number().int(),
  kind: text,
  level: z.enum(['terminal', 'port', 'cluster', 'nation']),
  severity,
  status: z.enum(['pending', 'firing', 'recovering', 'resolved']),
  phase: text,
  cluster: text,
  port: text,
  terminals: z.array(text),
  measure: text,
  at_ms: timeMs,
  since_ms: timeMs,
  known_at_ms: timeMs,
  rule: text,
  simulated: z.boolean(),
});

const person = { id: text.min(1), by: text, at_ms: timeMs };
const actionShape = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('acknowledge'), alert_id: text, severity: severity.exactOptional(), ...person }),
  z.looseObject({ kind: z.literal('note'), alert_id: text, ...person }),
  z.looseObject({
    kind: z.literal('silence'),
    // A silence without matchers would silence everything.
    matchers: z.array(matcherSchema).min(1),
    from_ms: timeMs,
    until_ms: timeMs,
    ...person,
  }),
  z.looseObject({ kind: z.literal('unsilence'), silence_id: text, ...person }),
  z.looseObject({ kind: z.literal('test_receiver'), receiver: text, ...person }),
]);

const recordShape = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('decision'),
    id: text,
    receiver: text,
    reason: z.enum(['new', 'changed', 'resolved', 'repeat', 'escalation', 'digest', 'test', 'watchdog']),
    group: z.record(text, text),
    items: z.array(
      z.looseObject({ key: text, alert_id: text, transition: z.number(), as_of: z.number().exactOptional() }),
    ),
    decided_at_ms: timeMs,
  }),
  z.looseObject({
    kind: z.literal('held_back'),
    key: text,
    alert_id: text,
    receiver: text,
    because: text,
    by: text,
    decided_at_ms: timeMs,
  }),
  z.looseObject({
    kind: z.literal('attempt'),
    id: text,
    receiver: text,
    attempt: z.number(),
    outcome: z.enum(['delivered', 'failed', 'given_up']),
    at_ms: timeMs,
  }),
  z.looseObject({ kind: z.literal('receivers'), receivers: z.array(z.unknown()), at_ms: timeMs }),
]);

function jsonOf(value: Buffer | null): unknown {
  try {
    return value === null ? undefined : JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @returns an attempt, for who paces by them; 'taken'; or 'unreadable', and then nothing changes. */
export function takeRecord(
  knowledge: Knowledge,
  topic: string,
  value: Buffer | null,
  arrivedMs: number,
): Extract<NotificationRecord, { kind: 'attempt' }> | 'taken' | 'unreadable' {
  const json = jsonOf(value);
  switch (topic) {
    case ALERTS_TOPIC: {
      const parsed = transitionShape.safeParse(json);
      if (!parsed.success) return 'unreadable';
      putTransition(knowledge, parsed.data as unknown as AlertTransition, arrivedMs);
      return 'taken';
    }
    case ACTIONS_TOPIC: {
      const parsed = actionShape.safeParse(json);
      if (!parsed.success) return 'unreadable';
      putAction(knowledge, parsed.data as unknown as Action);
      return 'taken';
    }
    case RULES_TOPIC: {
      const rules = decodeRuleSet(value);
      if (rules === undefined) return 'unreadable';
      putRuleSet(knowledge, rules);
      return 'taken';
    }
    case NOTIFICATIONS_TOPIC: {
      const parsed = recordShape.safeParse(json);
      if (!parsed.success) return 'unreadable';
      const record = parsed.data as unknown as NotificationRecord;
      putRecord(knowledge, record);
      return record.kind === 'attempt' ? record : 'taken';
    }
    default:
      return 'unreadable';
  }
}
