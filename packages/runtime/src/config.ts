/**
 * Reads a process's settings from the environment, once, and reports every problem at once.
 * Knows nothing of what the settings mean; nothing else in the product reads `process.env`.
 */

type FieldBase = { readonly env: string; readonly about: string; readonly secret?: boolean };
export type Field =
  | (FieldBase & { readonly kind: 'string'; readonly default?: string })
  | (FieldBase & { readonly kind: 'list' | 'addresses'; readonly default?: readonly string[] })
  | (FieldBase & { readonly kind: 'url'; readonly default?: string })
  | (FieldBase & { readonly kind: 'integer'; readonly default?: number; readonly min: number; readonly max: number })
  | (FieldBase & { readonly kind: 'number'; readonly default?: number; readonly min: number; readonly max: number })
  | (FieldBase & { readonly kind: 'duration'; readonly default?: string })
  | (FieldBase & { readonly kind: 'boolean'; readonly default?: boolean })
  | (FieldBase & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string });
export type Fields = Readonly<Record<string, Field>>;

type Value<F extends Field> = F['kind'] extends 'integer' | 'number' | 'duration'
  ? number
  : F['kind'] extends 'boolean'
    ? boolean
    : F['kind'] extends 'list' | 'addresses'
      ? readonly string[]
      : string;
/** Durations arrive in milliseconds. */
export type Config<F extends Fields> = { readonly [K in keyof F]: Value<F[K]> };

/** A bad setting is the operator's to mend: `code` is stable, the message lists all problems. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length} setting${problems.length === 1 ? ' is' : 's are'} wrong:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** '250ms', '10s', '5m', '4h', '14d' → milliseconds; undefined when it is none of these. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = UNITS_MS[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

type Parsed = { ok: true; value: unknown } | { ok: false; problem: string };
const good = (value: unknown): Parsed => ({ ok: true, value });
const bad = (problem: string): Parsed => ({ ok: false, problem });

function parseList(text: string): Parsed {
  const items = text.split(',').map((item) => item.trim());
  return items.every((item) => item.length > 0)
    ? good(items)
    : bad('must be a comma-separated list without empty items');
}

/** 'kafka-1:9092', '10.0.0.5:9092', '[::1]:9092'. */
function isAddress(text: string): boolean {
  const port = Number(/^(?:[^\s:/@[\]]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

function parseAddresses(text: string): Parsed {
  const items = text.split(',').map((item) => item.trim());
  return items.every(isAddress) ? good(items) : bad('must be host:port, or several with commas between');
}

function parseInteger(text: string, field: Field & { kind: 'integer' }): Parsed {
  const value = Number(text);
  const fits = /^-?\d+$/.test(text) && value >= field.min && value <= field.max;
  return fits ? good(value) : bad(`must be a whole number from ${field.min} to ${field.max}`);
}

function parseField(text: string, field: Field): Parsed {
  switch (field.kind) {
    case 'string':
      return good(text);
    case 'list':
      return parseList(text);
    case 'addresses':
      return parseAddresses(text);
    case 'url':
      return URL.canParse(text) && /^https?:/.test(text)
        ? good(text.replace(/\/$/, ''))
        : bad('must be an http:// or https:// address');
    case 'integer':
      return parseInteger(text, field);
    case 'number': {
      const value = Number(text);
      const fits = /^\d+(\.\d+)?$/.test(text) && value >= field.min && value <= field.max;
      return fits ? good(value) : bad(`must be a number from ${field.min} to ${field.max}`);
    }
    case 'duration': {
      const ms = parseDurationMs(text);
      return ms === undefined ? bad('must be a duration such as 250ms, 10s, 5m, 4h or 14d') : good(ms);
    }
    case 'boolean':
      return text === 'true' || text === 'false' ? good(text === 'true') : bad('must be true or false');
    case 'choice':
      return field.choices.includes(text) ? good(text) : bad(`must be one of ${field.choices.join(', ')}`);
  }
}

function readField(field: Field, env: Readonly<Record<string, string | undefined>>): Parsed {
  const text = env[field.env];
  if (text !== undefined && text !== '') {
    const parsed = parseField(text, field);
    const shown = field.secret === true ? 'it' : JSON.stringify(text.slice(0, 80));
    return parsed.ok ? parsed : bad(`${field.env}: ${shown} ${parsed.problem}`);
  }
  if (field.default === undefined) return bad(`${field.env}: is needed (${field.about})`);
  return field.kind === 'duration' ? good(parseDurationMs(field.default)) : good(field.default);
}

/**
 * @param check further problems that only several settings together can show.
 * @throws ConfigError naming every problem.
 */
export function readConfig<const F extends Fields>(
  fields: F,
  env: Readonly<Record<string, string | undefined>> = process.env,
  check: (config: Config<F>) => readonly string[] = () => [],
): Config<F> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const parsed = readField(field, env);
    if (parsed.ok) values[name] = parsed.value;
    else problems.push(parsed.problem);
  }
  const config = Object.freeze(values) as Config<F>;
  if (problems.length === 0) problems.push(...check(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
