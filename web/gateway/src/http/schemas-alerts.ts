/**
 * Shapes of requests about alerts, silences, rules and notifications. What a matcher or a rule may hold is the contracts' own check
 * (`rules-schema`), which says where each fault is; here only the frame is closed.
 */
import { ALERT_KINDS, ALERT_LEVELS, SEVERITIES } from '@quaywatch/contracts';
import { anything, text } from './schemas.ts';

const note = { type: 'string', maxLength: 1_000, default: '' };
const by = text(80, 'Who');
const run = { ...text(100, 'Run; default live'), default: 'live' };

/** Closed: a member that is not named is refused. */
const closed = (required: readonly string[], properties: Record<string, unknown>) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

export const alertsQuery = closed([], {
  run,
  state: {
    type: 'string',
    enum: ['open', 'all', 'pending', 'firing', 'recovering', 'resolved'],
    default: 'all',
    description: 'open: all but resolved',
  },
  kind: { type: 'string', enum: ALERT_KINDS },
  severity: { type: 'string', enum: SEVERITIES },
  level: { type: 'string', enum: ALERT_LEVELS },
  port: text(10, 'Port code such as CNSHA'),
  limit: { type: 'integer', minimum: 1, maximum: 2_000, default: 500 },
  cursor: text(400, 'next_cursor of the page before; opaque'),
});

export const runQuery = closed([], { run });
export const capQuery = closed([], {
  run,
  language: { type: 'string', enum: ['en', 'zh', 'en-US', 'zh-CN'], description: 'Only this one; default: both' },
});

export const acknowledgeBody = closed(['by'], {
  by,
  note,
  severity: {
    type: 'string',
    enum: SEVERITIES,
    description:
      'How severe the alert is as the person sees it; refused when it has become more severe. Default: as severe as it is',
  },
});
export const noteBody = closed(['by', 'note'], { by, note: text(1_000) });

const matchers = {
  type: 'array',
  minItems: 1,
  maxItems: 20,
  items: anything,
  description: 'All must hold: {name, op: "=" or "!=", values}',
};
export const silenceBody = closed(['matchers', 'by', 'minutes'], {
  matchers,
  by,
  note,
  minutes: { type: 'integer', minimum: 1, maximum: 43_200 },
});
export const previewBody = closed(['matchers'], { matchers });
export const unsilenceQuery = closed([], { by: { type: 'string', minLength: 1, maxLength: 80, default: 'api' } });

export const rulesBody = closed([], { detection: anything, routing: anything });
export const saveRulesBody = closed(['base_version', 'by', 'detection', 'routing'], {
  base_version: { type: 'integer', minimum: 0, description: 'The newest version that you have seen' },
  by,
  note,
  detection: anything,
  routing: anything,
});
/** 512 KiB of iCalendar; the text may be longer as JSON. */
export const calendarBody = closed(['name', 'ics'], {
  name: text(80),
  ics: text(524_288, 'An iCalendar file, RFC 5545'),
});

export const nameParams = { type: 'object', required: ['name'], properties: { name: text(80) } };
export const testBody = closed(['by'], { by });
export const notificationsQuery = closed([], {
  limit: { type: 'integer', minimum: 1, maximum: 2_000, default: 200 },
  alert_id: text(200, 'Only what concerns this alert'),
});

export const backtestBody = closed(['from', 'to', 'rules'], {
  from: text(40, 'First UTC+8 day'),
  to: text(40, 'UTC+8 day after the last'),
  rules: rulesBody,
});

/** Alertmanager's own query, as far as it is honoured; `filter` and `receiver` are taken and not looked at. */
export const alertmanagerQuery = {
  type: 'object',
  additionalProperties: true,
  properties: {
    active: { type: 'boolean', default: true },
    silenced: { type: 'boolean', default: true },
    inhibited: { type: 'boolean', default: true },
  },
};
