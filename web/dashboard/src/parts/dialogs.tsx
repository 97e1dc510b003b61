/** What floats: what people do about alerts, search, keys, what was not counted, and the token. One at a time, closed by Esc. */
import { useState } from 'preact/hooks';

import { usePage } from '../context.tsx';

import { words } from '../settings.ts';
import { isTokenWanted, keepToken } from '../wire/api.ts';
import { Acknowledge, AddNote, SilenceForm, Unsilence } from './alert-dialogs.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Figures } from './figures.tsx';
import { Modal } from './modal.tsx';
import { Search } from './search.tsx';
import { Share } from './share.tsx';

function Help({ onClose }: { onClose: () => void }) {
  const w = words.value;
  return (
    <Modal title={w.keys} onClose={onClose}>
      <dl class="keys">
        {Object.entries(w.keyList).map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(' · ').map((one) => (
                <span key={one} class="kbd">
                  {one}
                </span>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

function TokenForm() {
  const { connection } = usePage();
  const w = words.value;
  const [token, setToken] = useState('');
  const close = () => {
    isTokenWanted.value = false;
  };
  return (
    <Modal title={w.tokenTitle} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keepToken(token);
          close();
          connection.retry();
        }}
      >
        <p class="note">{w.tokenNote}</p>
        <label>
          {w.token}
          <input
            class="in"
            type="password"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            autocomplete="off"
          />
        </label>
        <div class="acts">
          <button type="submit" class="bt pri">
            {w.enter}
          </button>
        </div>
      </form>
    </Modal>
  );
}

export function Dialogs() {
  const { dialogs } = usePage();
  const open = dialogs.open.value;
  const onClose = () => dialogs.show({ kind: 'none' });
  if (isTokenWanted.value) return <TokenForm />;
  switch (open.kind) {
    case 'none':
      return null;
    case 'acknowledge':
      return <Acknowledge alertId={open.alertId} onClose={onClose} />;
    case 'note':
      return <AddNote alertId={open.alertId} onClose={onClose} />;
    case 'silence':
      return <SilenceForm alertId={open.alertId} onClose={onClose} />;
    case 'unsilence':
      return <Unsilence silenceId={open.silenceId} onClose={onClose} />;
    case 'help':
      return <Help onClose={onClose} />;
    case 'search':
      return <Search onClose={onClose} />;
    case 'share':
      return <Share onClose={onClose} />;
    case 'figures':
      return <Figures onClose={onClose} />;
    case 'deadLetters':
      return <DeadLetters onClose={onClose} />;
  }
}
