/** How a run stands: whether its end is awaited, whether it is at work, and the words for it. */
import { isUnderWay, type RunSummary } from '@quaywatch/contracts';
import { words } from '../settings.ts';

/** It can be cancelled, and is worth asking for again. Live never ends. */
export const isAwaited = (run: RunSummary): boolean => run.kind === 'replay' && isUnderWay(run);

/** One that waits for its turn has no progress to tell. */
export const isAtWork = (run: RunSummary): boolean => isAwaited(run) && run.state !== 'queued';

export function stateWords(run: RunSummary): string {
  const word = words.value.states[run.state];
  return isAtWork(run) ? `${word} ${Math.round(run.progress * 100)} %` : word;
}
