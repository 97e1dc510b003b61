/** A form that a person signs: who does it, a note, and the button that sends both. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../settings.ts';

const NAME_KEY = 'quaywatch.name';

function readName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

function keepName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Storage can be forbidden by the browser; the name is then typed each time.
  }
}

/** What the gateway said, or its status when it said nothing. */
export function failureOf(answer: { readonly message: string; readonly status: number }): string {
  return answer.message === '' ? String(answer.status) : answer.message;
}

/** The reader's name, kept in this browser: it goes with whatever the reader does. */
function useName(): [string, (name: string) => void] {
  const [name, setName] = useState(() => readName());
  return [
    name,
    (next) => {
      keepName(next);
      setName(next);
    },
  ];
}

export type Send = (by: string, note: string) => Promise<{ ok: true } | { ok: false; message: string; status: number }>;

/** Name and note, and what is sent with them. A failure is said where it happened and what was typed stays. */
export function PersonForm({
  send,
  action,
  onDone,
  isNoteWanted = false,
  canSend = true,
  hasNote = true,
  children,
}: {
  send: Send;
  action: string;
  onDone: () => void;
  isNoteWanted?: boolean;
  canSend?: boolean;
  hasNote?: boolean;
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
    else setFailure(failureOf(answer));
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
      {hasNote && (
        <label>
          {w.note}
          <textarea
            class="in"
            rows={3}
            required={isNoteWanted}
            maxLength={1000}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
      )}
      {failure !== '' && (
        <p class="al" role="alert">
          {w.failed(failure)}
        </p>
      )}
      <div class="acts">
        <button type="submit" class="bt pri" disabled={isSending || !canSend}>
          {action}
        </button>
        <button type="button" class="bt" onClick={onDone}>
          {w.cancel}
        </button>
      </div>
    </form>
  );
}
