/**
 * Whose a key press is. A part with keys of its own asks here first: what is typed, what belongs to an open dialog and the second letter of
 * G … are not its.
 */
import type { Dialogs } from './context.tsx';

const CHORD_MS = 1200;

/** Time of the G that waits for its letter, ms of `performance.now()`; null: none does. */
let chordSinceMs: number | null = null;

export const beginChord = (): void => {
  chordSinceMs = performance.now();
};
export const endChord = (): void => {
  chordSinceMs = null;
};
export const isChordPending = (): boolean => chordSinceMs !== null && performance.now() - chordSinceMs < CHORD_MS;

function isTyping({ target }: Pick<KeyboardEvent, 'target'>): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

/** Dialogs that a view opens itself are known by their element alone. */
function isBehindDialog({ open }: Pick<Dialogs, 'open'>): boolean {
  return open.peek().kind !== 'none' || document.querySelector('dialog[open]') !== null;
}

type Press = Pick<KeyboardEvent, 'target' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented'>;

/** The page may act on it: nobody has yet, and it is meant for nothing that floats or is typed in. */
export function isForPage(press: Press, dialogs: Pick<Dialogs, 'open'>): boolean {
  const { defaultPrevented, ctrlKey, metaKey, altKey } = press;
  return !(defaultPrevented || ctrlKey || metaKey || altKey || isTyping(press) || isBehindDialog(dialogs));
}

/** A part of the page with keys of its own may act on it. */
export function isForPart(press: Press, dialogs: Pick<Dialogs, 'open'>): boolean {
  return isForPage(press, dialogs) && !isChordPending();
}
