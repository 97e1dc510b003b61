/** The back-test that was asked for last and how far it is. It outlives the view. What is answered of an earlier one is dropped. */
import { signal } from '@preact/signals';
import { failureOf } from '../parts/person-form.tsx';
import { api, type Backtest, type RulePair } from '../wire/api.ts';

type Asked = { readonly id: string; readonly rules: RulePair };
/** Null also while a new one is asked for. */
export const asked = signal<Asked | null>(null);
export const state = signal<Backtest | null>(null);
export const failure = signal('');

/** @param from first day, YYYY-MM-DD. @param to the day after the last. */
export async function start(from: string, to: string, rules: RulePair): Promise<void> {
  failure.value = '';
  asked.value = null;
  state.value = { state: 'recording', progress: 0, error: '' };
  const answer = await api.startBacktest(from, to, rules);
  if (answer.ok) {
    asked.value = { id: answer.value.backtest, rules };
    return;
  }
  state.value = null;
  failure.value = failureOf(answer);
}

export async function poll(id: string): Promise<void> {
  const answer = await api.backtest(id);
  if (asked.peek()?.id !== id) return;
  if (answer.ok) state.value = answer.value;
  else if (answer.status === 404) state.value = { state: 'failed', progress: 0, error: failureOf(answer) };
}
