/** What every part of the page shares: the connection, the live run, the played run, and the time of the wall. */
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Connection } from './wire/connection.ts';
import type { Player } from './wire/player.ts';
import type { World } from './wire/store.ts';

export type Page = {
  readonly connection: Connection;
  readonly live: World;
  readonly player: Player;
  /** The run beside the played one; nothing is open in it while live stands there. */
  readonly beside: Player;
  /** The gateway's time, once a second. */
  readonly nowMs: ReadonlySignal<number>;
  readonly dialogs: Dialogs;
};

export type DialogKind =
  | { readonly kind: 'none' | 'help' | 'search' | 'share' | 'deadLetters' | 'figures' }
  | { readonly kind: 'acknowledge' | 'silence' | 'note'; readonly alertId: string }
  | { readonly kind: 'unsilence'; readonly silenceId: string };
export type Dialogs = { readonly open: ReadonlySignal<DialogKind>; readonly show: (dialog: DialogKind) => void };

const PageContext = createContext<Page | null>(null);
export const PageProvider = PageContext.Provider;

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('A part of the page is outside of PageProvider.');
  return page;
}
