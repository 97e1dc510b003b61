/**
 * The rules that are being edited: what is in force, the draft, what is wrong with it. It outlives the view, so that a look at an alert
 * does not lose a change. Saving and checking are the gateway's.
 */
import { computed, signal } from '@preact/signals';
import type { RuleSet } from '@quaywatch/contracts';
import { api, type RulePair, type RulesAnswer } from '../wire/api.ts';
import { createOrder } from '../wire/order.ts';
import { differences, getAt, isSame, type Path, type Problem, problemsOf, putAt } from './draft.ts';

export const answer = signal<RulesAnswer | null>(null);
export const failure = signal('');
/** What the draft began from. */
export const base = signal<RuleSet | null>(null);
export const draft = signal<RulePair | null>(null);
export const problems = signal<readonly Problem[]>([]);
export const checkFailure = signal('');
/** A version that somebody saved while there were changes here. */
export const conflict = signal<RuleSet | null>(null);
export const savedNow = signal<RuleSet | null>(null);

export const pairOf = ({ detection, routing }: RulePair): RulePair => ({ detection, routing });

export const changes = computed(() =>
  base.value === null || draft.value === null ? [] : differences(pairOf(base.value), draft.value),
);

const newestOf = ({ current, upcoming }: RulesAnswer): RuleSet => upcoming.at(-1) ?? current;

const CHECK_AFTER_MS = 400;
let timer: ReturnType<typeof setTimeout> | undefined;

async function check(): Promise<void> {
  const asked = draft.peek();
  if (asked === null) return;
  const said = await api.checkRules(asked);
  if (asked !== draft.peek()) return;
  checkFailure.value = said.ok ? '' : said.message === '' ? String(said.status) : said.message;
  if (said.ok) problems.value = problemsOf(said.value.problems);
}

export function setDraft(next: RulePair): void {
  draft.value = next;
  savedNow.value = null;
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER_MS);
}

export function put(path: Path, value: unknown): void {
  const current = draft.peek();
  if (current !== null) setDraft(putAt(current, path, value));
}

export function isChanged(path: Path): boolean {
  return base.value !== null && draft.value !== null && !isSame(getAt(base.value, path), getAt(draft.value, path));
}

/** The draft begins anew from a version. */
export function begin(from: RuleSet): void {
  base.value = from;
  draft.value = pairOf(from);
  problems.value = [];
  conflict.value = null;
}

const asks = createOrder();

/** Fetches what is saved. Changes that were made here stay; a newer version of somebody else is then a conflict. */
export async function load(): Promise<void> {
  const isNewest = asks();
  const said = await api.rules();
  if (!isNewest()) return;
  failure.value = said.ok ? '' : said.message === '' ? String(said.status) : said.message;
  if (!said.ok) return;
  answer.value = said.value;
  const newest = newestOf(said.value);
  if (newest.version > (savedNow.peek()?.version ?? newest.version)) savedNow.value = null;
  if (base.peek() === null || changes.peek().length === 0) return begin(newest);
  if (newest.version > (base.peek()?.version ?? 0)) conflict.value = newest;
}
