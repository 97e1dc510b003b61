/** What floats: acknowledge, silence, search, keys, what was not counted, and the token. One at a time, closed by Esc. */
import { alertTitle, kindName, portName } from '@quaywatch/words';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { usePage } from '../context.tsx';

import { language, words } from '../settings.ts';
import { api, isTokenWanted, keepToken } from '../wire/api.ts';
import { DeadLetters } from './dead-letters.tsx';
import { Modal } from './modal.tsx';
import { Search } from './search.tsx';

const NAME_KEY = 'quaywatch.name';

function useName(): [string, (name: string) => void] {
  const [name, setName] = useState(() => localStorage.getItem(NAME_KEY) ?? '');
  return [
    name,
    (next) => {
      localStorage.setItem(NAME_KEY, next);
      setName(next);
    },
  ];
}

type Send = (by: string, note: string) => Promise<{ ok: true } | { ok: false; message: string; status: number }>;

function PersonForm({
  send,
  action,
  onDone,
  children,
}: {
  send: Send;
  action: string;
  onDone: () => void;
  children?: ComponentChildren;
}) {
  const w = words.value;
  const [by, setBy] = useName();
  const [note, setNote] = useState('');
  const [failure, setFailure] = useState('');
  const [isSending, setIsSending] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setIsSending(true);
    const answer = await send(by.trim(), note.trim());
    setIsSending(false);
    if (answer.ok) onDone();
    else setFailure(answer.message === '' ? String(answer.status) : answer.message);
  };
  return (
    <form onSubmit={submit}>
      {children}
      <label>
        {w.by}
        <input
          class="in"
          required
          maxLength={80}
          value={by}
          onInput={(event) => setBy(event.currentTarget.value)}
          autocomplete="name"
        />
      </label>
      <label>
        {w.note}
        <textarea
          class="in"
          rows={3}
          maxLength={1000}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      {failure !== '' && (
        <p class="al" role="alert">
          {w.failed(failure)}
        </p>
      )}
      <div class="acts">
        <button type="submit" class="bt pri" disabled={isSending}>
          {action}
        </button>
        <button type="button" class="bt" onClick={onDone}>
          {w.cancel}
        </button>
      </div>
    </form>
  );
}

function Acknowledge({ alertId, onClose }: { alertId: string; onClose: () => void }) {
  const { live } = usePage();
  const w = words.value;
  const alert = live.alerts.value.get(alertId);
  if (alert === undefined) return null;
  const send: Send = async (by, note) => {
    const answer = await api.acknowledge(alertId, by, note);
    const current = live.alerts.peek().get(alertId);
    // Shown at once; the log says the same a moment later.
    if (answer.ok && current !== undefined)
      live.putAlert({ ...current, acknowledged: { by, note, at_ms: Date.now() } });
    return answer;
  };
  return (
    <Modal title={w.acknowledgeTitle(alertTitle(alert, language.value))} onClose={onClose}>
      <PersonForm send={send} action={w.acknowledge} onDone={onClose} />
    </Modal>
  );
}

const HOURS = [1, 2, 4, 8, 24] as const;

function Silence({ alertId, onClose }: { alertId: string; onClose: () => void }) {
  const { live } = usePage();
  const w = words.value;
  const alert = live.alerts.value.get(alertId);
  const [hours, setHours] = useState<number>(2);
  const [isAny, setIsAny] = useState(false);
  if (alert === undefined) return null;
  const send: Send = (by, note) => api.silence(alert.port, isAny ? null : alert.kind, by, note, hours * 60);
  return (
    <Modal title={w.silenceTitle(portName(alert.port, language.value))} onClose={onClose}>
      <PersonForm send={send} action={w.silence.replace('…', '')} onDone={onClose}>
        <label>
          {w.whichKind}
          <select
            class="in"
            value={isAny ? 'any' : 'this'}
            onChange={(event) => setIsAny(event.currentTarget.value === 'any')}
          >
            <option value="this">{w.thisKind(kindName(alert.kind, language.value))}</option>
            <option value="any">{w.anyKind}</option>
          </select>
        </label>
        <label>
          {w.forHowLong}
          <select class="in" value={String(hours)} onChange={(event) => setHours(Number(event.currentTarget.value))}>
            {HOURS.map((count) => (
              <option key={count} value={String(count)}>
                {w.hours(count)}
              </option>
            ))}
          </select>
        </label>
      </PersonForm>
    </Modal>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  const w = words.value;
  return (
    <Modal title={w.keys} onClose={onClose}>
      <dl class="keys">
        {Object.entries(w.keyList).map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <span class="kbd">{key}</span>
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
    case 'silence':
      return <Silence alertId={open.alertId} onClose={onClose} />;
    case 'help':
      return <Help onClose={onClose} />;
    case 'search':
      return <Search onClose={onClose} />;
    case 'deadLetters':
      return <DeadLetters onClose={onClose} />;
  }
}
