/**
 * Rules as a draft: read and put at a path, what differs, what was saved meanwhile, problems by their place. Whether a draft is good is the
 * gateway's to say; nothing here judges a value.
 */
import { DEFAULT_DETECTION, DEFAULT_ROUTING, type RunSummary } from '@quaywatch/contracts';
import type { RulePair } from '../wire/api.ts';

export type Path = readonly (string | number)[];
export type Difference = { readonly path: Path; readonly before: unknown; readonly after: unknown };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getAt(value: unknown, path: Path): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else if (isRecord(at)) at = at[String(key)];
    else return undefined;
  }
  return at;
}

function putIn(value: unknown, path: Path, next: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  if (Array.isArray(value)) return value.map((one, index) => (index === Number(key) ? putIn(one, rest, next) : one));
  const record = isRecord(value) ? value : {};
  const put = putIn(record[String(key)], rest, next);
  if (put !== undefined) return { ...record, [String(key)]: put };
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== String(key)));
}

/** A copy with one value changed; `undefined` takes the value out. What is put is not judged here: a half-typed draft is a draft. */
export function putAt(draft: RulePair, path: Path, next: unknown): RulePair {
  return putIn(draft, path, next) as RulePair;
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What differs, value by value; a list is one value, since its places have no names. */
export function differences(before: unknown, after: unknown, path: Path = []): Difference[] {
  if (isSame(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ path, before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]));
}

/** My changes on top of what somebody else has saved; `both` are the places that they changed too, where mine now stand. */
export function rebased(base: RulePair, mine: RulePair, theirs: RulePair): { draft: RulePair; both: Path[] } {
  const changed = new Set(differences(base, theirs).map((one) => one.path.join('.')));
  const own = differences(base, mine);
  return {
    draft: own.reduce((draft, one) => putAt(draft, one.path, one.after), theirs),
    both: own.filter((one) => changed.has(one.path.join('.'))).map((one) => one.path),
  };
}

export type Problem = { readonly place: string; readonly message: string };

/** `detection.kinds.drop.threshold: Too small` → place and message. */
export function problemsOf(said: readonly string[]): Problem[] {
  return said.map((text) => {
    const at = text.indexOf(': ');
    return at < 0 ? { place: '', message: text } : { place: text.slice(0, at), message: text.slice(at + 2) };
  });
}

/** Problems of a value, or with `isDeep` also of all that is in it. */
export function problemsAt(problems: readonly Problem[], path: Path, isDeep = false): Problem[] {
  const place = path.join('.');
  return problems.filter((one) => one.place === place || (isDeep && one.place.startsWith(`${place}.`)));
}

function over(base: unknown, given: unknown): unknown {
  if (given === undefined) return base;
  if (!isRecord(base) || !isRecord(given)) return given;
  const keys = new Set([...Object.keys(base), ...Object.keys(given)]);
  return Object.fromEntries([...keys].map((key) => [key, over(base[key], given[key])]));
}

/** A rule file as a draft: what it leaves out is as in the defaults. undefined: it is no rule file at all. */
export function draftOfFile(text: string): RulePair | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(given) || (!isRecord(given['detection']) && !isRecord(given['routing']))) return undefined;
  const { detection, routing } = given;
  return over({ detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING }, { detection, routing }) as RulePair;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** 90 → 90s, 300 → 5m, 14400 → 4h: the largest unit that leaves nothing over. */
export function durationText(seconds: number): string {
  if (seconds === 0) return '0s';
  const [unit, size] = UNITS.find(([, one]) => seconds % one === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

/** 5m → 300; undefined when it is no duration. */
export function durationSeconds(text: string): number | undefined {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([dhms])\s*$/.exec(text);
  const size = UNITS.find(([unit]) => unit === parts?.[2])?.[1];
  return parts === null || size === undefined ? undefined : Math.round(Number(parts[1]) * size);
}

type Covering = Pick<RunSummary, 'run' | 'kind' | 'state' | 'from_ms' | 'to_ms'>;

/** A finished run that holds a stretch, else live where it is old enough. */
export function runCovering(runs: readonly Covering[], fromMs: number, toMs: number): string | undefined {
  const covers = (run: Covering) => run.from_ms <= fromMs && (run.kind === 'live' || run.to_ms >= toMs);
  const finished = runs.find((run) => run.kind === 'replay' && run.state === 'done' && covers(run));
  return (finished ?? runs.find((run) => run.kind === 'live' && covers(run)))?.run;
}
