/**
 * Checks a rule file or a saved rule set, and says everything that is wrong with it in one go. Apart from `rules.ts`, because a page that
 * only shows rules need not load a validator.
 */
import { z } from 'zod';
import { ALERT_KINDS, ALERT_LEVELS, type AlertKind, MATCHER_NAMES } from './alerts.ts';
import { isDeeperThan } from './depth.ts';
import { portOf } from './ports.ts';
import {
  DEFAULT_DETECTION,
  DEFAULT_ROUTING,
  type DetectionRules,
  KIND_LEVELS,
  type Route,
  type RoutingRules,
  type RuleSet,
  WINDOWS_MIN,
} from './rules.ts';

/** Routes within routes take two levels each. */
const rulesDepthMax = 100;

const share = z.number().min(0).max(10);
const minutes = z.number().int().min(0).max(43_200);
const seconds = z
  .number()
  .int()
  .min(0)
  .max(31 * 86_400);
const name = z.string().min(1).max(80);
const timeMs = z.number().int().min(0).max(4_102_444_800_000);
const portCode = z.string().refine((code) => portOf(code)?.code === code, { error: 'is no port that Quaywatch knows' });

const windows = z
  .array(z.number().int().min(5).max(20_160).multipleOf(5))
  .min(1)
  .max(12)
  .refine((list) => list.every((value, i) => i === 0 || value > (list[i - 1] ?? 0)), { error: 'must ascend' });

function windowWords(kind: AlertKind): string {
  const all = WINDOWS_MIN[kind];
  return all.length > 10 ? `multiples of ${all[0]} up to ${all.at(-1)}` : all.join(', ');
}

const kindRule = (kind: AlertKind) =>
  z.strictObject({
    enabled: z.boolean(),
    levels: z
      .array(z.enum(ALERT_LEVELS))
      .refine((levels) => levels.every((level) => KIND_LEVELS[kind].includes(level)), {
        error: `can be ${KIND_LEVELS[kind].join(', ')} for ${kind}`,
      }),
    threshold: z.number().min(0).max(10_000),
    min_share: share,
    windows_min: windows.refine(
      (list) => WINDOWS_MIN[kind].length === 0 || list.every((minutes) => WINDOWS_MIN[kind].includes(minutes)),
      { error: `can be ${windowWords(kind)} for ${kind}` },
    ),
    hold_min: minutes,
    clear_hold_min: minutes,
    warning_share: share.nullable(),
    critical_share: share.nullable(),
  });

const override = z.strictObject({
  ports: z.array(portCode).min(1),
  kinds: z.array(z.enum(ALERT_KINDS)).min(1),
  enabled: z.boolean().exactOptional(),
  threshold: z.number().min(0).max(10_000).exactOptional(),
  min_share: share.exactOptional(),
  hold_min: minutes.exactOptional(),
  warning_share: share.nullable().exactOptional(),
  critical_share: share.nullable().exactOptional(),
});

const stretch = { from_ms: timeMs, to_ms: timeMs };
const isForward = (one: { from_ms: number; to_ms: number }) => one.to_ms > one.from_ms;
const backwards = { error: 'must end after it begins' };

const planned = z
  .strictObject({
    port: portCode,
    terminals: z.array(z.string().min(1).max(40)),
    ...stretch,
    note: z.string().max(500),
  })
  .refine(isForward, backwards);

export const detectionSchema: z.ZodType<DetectionRules> = z.strictObject({
  kinds: z.strictObject(
    Object.fromEntries(ALERT_KINDS.map((kind) => [kind, kindRule(kind)])) as Record<
      AlertKind,
      ReturnType<typeof kindRule>
    >,
  ),
  overrides: z.array(override).max(200),
  planned: z.array(planned).max(2_000),
});

export const matcherSchema = z.strictObject({
  name: z.enum(MATCHER_NAMES),
  op: z.enum(['=', '!=']),
  values: z.array(z.string().max(100)).min(1).max(100),
});

const route: z.ZodType<Route> = z.strictObject({
  receiver: z.string().max(80),
  matchers: z.array(matcherSchema).max(20),
  group_by: z.array(z.enum(MATCHER_NAMES)),
  group_wait_s: seconds,
  group_interval_s: seconds.min(1),
  repeat_interval_s: seconds.min(60),
  mute_calendars: z.array(name),
  escalate: z.array(z.strictObject({ after_s: seconds.min(1), receiver: name })).max(10),
  continue: z.boolean(),
  get routes() {
    return z.array(route).max(100);
  },
});

export const routingSchema: z.ZodType<RoutingRules> = z
  .strictObject({
    route,
    inhibitions: z
      .array(
        z.strictObject({
          source: z.array(matcherSchema).min(1),
          target: z.array(matcherSchema).min(1),
          equal: z.array(z.enum(MATCHER_NAMES)),
          explained_only: z.boolean().exactOptional(),
        }),
      )
      .max(100),
    mute_calendars: z
      .array(
        z.strictObject({
          name,
          intervals: z
            .array(z.strictObject({ ...stretch, summary: z.string().max(500) }).refine(isForward, backwards))
            .max(5_000),
        }),
      )
      .max(50),
    flapping: z.strictObject({
      changes: z.number().int().min(2).max(100),
      within_s: seconds.min(60),
      digest_every_s: seconds.min(60),
    }),
  })
  .superRefine((routing, context) => {
    const known = new Set(routing.mute_calendars.map((calendar) => calendar.name));
    if (routing.route.receiver === '')
      context.addIssue({
        code: 'custom',
        path: ['route', 'receiver'],
        message: 'the first route must name a receiver',
      });
    const visit = (one: Route, path: (string | number)[]): void => {
      for (const calendar of one.mute_calendars)
        if (!known.has(calendar))
          context.addIssue({
            code: 'custom',
            path: [...path, 'mute_calendars'],
            message: `there is no calendar "${calendar}"`,
          });
      for (const [i, child] of one.routes.entries()) visit(child, [...path, 'routes', i]);
    };
    visit(routing.route, ['route']);
  });

/** A rule file: what it leaves out is as in the defaults, kind by kind and field by field. */
export type RuleFile = { detection: DetectionRules; routing: RoutingRules };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects are merged, everything else is replaced. */
function over(base: unknown, given: unknown): unknown {
  if (given === undefined) return base;
  if (!isRecord(base) || !isRecord(given)) return given;
  const keys = new Set([...Object.keys(base), ...Object.keys(given)]);
  return Object.fromEntries([...keys].map((key) => [key, over(base[key], given[key])]));
}

const ruleFile = z.strictObject({ detection: detectionSchema, routing: routingSchema });

/** Reads rules out of JSON of unknown origin, nested no deeper than `rulesDepthMax`. `problems` names every fault with its place, in the order of the file. */
export function parseRules(given: unknown): { ok: true; rules: RuleFile } | { ok: false; problems: string[] } {
  if (!isRecord(given)) return { ok: false, problems: ['A rule set is an object with "detection" and "routing".'] };
  if (isDeeperThan(given, rulesDepthMax))
    return { ok: false, problems: [`rules: are nested more than ${rulesDepthMax} levels deep`] };
  const parsed = ruleFile.safeParse(over({ detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING }, given));
  if (parsed.success) return { ok: true, rules: parsed.data };
  return {
    ok: false,
    problems: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'rules'}: ${issue.message}`),
  };
}

const ruleSetHead = z.looseObject({
  version: z.number().int().min(1),
  effective_from_ms: z.number(),
  saved_at_ms: z.number(),
  by: z.string(),
  note: z.string(),
});

/**
 * The only way in for a record of the rules topic. What is none is ignored by every reader alike: the processor, the gateway and the notifier must
 * agree on which record was the first of its version.
 */
export function decodeRuleSet(value: Buffer | null): RuleSet | undefined {
  if (value === null) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(value.toString());
  } catch {
    return undefined;
  }
  const head = ruleSetHead.safeParse(json);
  if (!head.success) return undefined;
  const parsed = parseRules({ detection: head.data['detection'], routing: head.data['routing'] });
  return parsed.ok ? { ...head.data, ...parsed.rules } : undefined;
}
