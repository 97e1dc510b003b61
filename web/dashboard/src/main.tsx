/** Starts the page: settings, the address, one connection, the live world and a player. Everything else is told through the context. */
import { batch, computed, effect, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { type DialogKind, type Page, PageProvider } from './context.tsx';
import { route, startRouting } from './route.ts';
import { startSettings } from './settings.ts';
import { isTokenWanted, readToken } from './wire/api.ts';
import { createConnection } from './wire/connection.ts';
import { startHistory } from './wire/history.ts';
import { createPlayer } from './wire/player.ts';
import { createWorld } from './wire/store.ts';

declare global {
  interface Window {
    /** For tests from outside: what came, what was missed, what was resumed. */
    quaywatch: { frames: number; gaps: number; resumes: number };
  }
}

function start(root: Element): void {
  startSettings();
  startRouting();
  const counters = { frames: 0, gaps: 0, resumes: 0 };
  window.quaywatch = counters;
  const live = createWorld();
  const connection = createConnection({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
    token: readToken,
    counters,
    onUpdates: (updates) =>
      batch(() => {
        for (const update of updates) {
          const session = /^play\/([^/]+)\//.exec(update.channel)?.[1];
          const played = session === beside.session.peek() ? beside.world : player.world;
          const world = session === undefined ? live : played;
          world.apply(update, update, update.t === 'snapshot');
        }
      }),
  });
  const player = createPlayer(connection);
  const beside = createPlayer(connection);
  const wallMs = signal(Date.now());
  setInterval(() => {
    wallMs.value = Date.now();
  }, 1000);
  const open = signal<DialogKind>({ kind: 'none' });
  const page: Page = {
    connection,
    live,
    player,
    beside,
    nowMs: computed(() => wallMs.value + connection.clockOffsetMs.value),
    dialogs: {
      open,
      show: (dialog) => {
        open.value = dialog;
      },
    },
  };
  for (const channel of ['overview', 'alerts', 'status']) connection.follow(channel);
  startHistory(connection, live);
  // A dialog is about the view that it was opened on.
  route.subscribe(() => page.dialogs.show({ kind: 'none' }));
  effect(() => {
    if (connection.link.value.kind === 'unauthorised') isTokenWanted.value = true;
  });
  connection.start();
  render(
    <PageProvider value={page}>
      <App />
    </PageProvider>,
    root,
  );
}

const root = document.querySelector('#app');
if (root !== null) start(root);
