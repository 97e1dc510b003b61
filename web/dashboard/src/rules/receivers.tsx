/** Receivers that the notifier was started with, and a test of each with what came of it. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { Modal } from '../parts/modal.tsx';
import { failureOf, PersonForm } from '../parts/person-form.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { words } from '../settings.ts';
import { testOf } from '../told.ts';
import { api, type Receiver } from '../wire/api.ts';
import { ruleWords } from './words.ts';

const receivers = signal<readonly Receiver[]>([]);
const failure = signal('');

/** Receivers, asked for when the connection opens; what the notifier says later comes with the alerts. */
export function useReceivers(): readonly Receiver[] {
  const { live, connection } = usePage();
  const isOpen = connection.link.value.kind === 'open';
  const told = live.notifications.value.findLast((record) => record.kind === 'receivers');
  useEffect(() => {
    if (!isOpen) return;
    void api.receivers().then((answer) => {
      if (answer.ok) receivers.value = answer.value.receivers;
      failure.value = answer.ok ? '' : failureOf(answer);
    });
  }, [isOpen]);
  return told === undefined ? receivers.value : told.receivers;
}

function Result({ name, sinceMs }: { name: string; sinceMs: number }) {
  const { live } = usePage();
  const w = ruleWords.value;
  const test = testOf(live.notifications.value, name, sinceMs);
  const last = test?.attempts.at(-1);
  if (test === undefined || last === undefined) return <span class="note">{w.testSent}</span>;
  const why = [last.status, last.detail].filter((part) => part !== null && part !== '').join(' ');
  const took = test.outcome === 'delivered' ? `${last.took_ms} ms` : why;
  return (
    <span class={test.outcome === 'delivered' ? 'b' : 'al'}>
      {w.testResult(words.value.told.outcomes[test.outcome], took)}
    </span>
  );
}

/** Clocks of page and notifier may differ by a little; an older test is not this one. */
const SLACK_MS = 2_000;

function Row({ receiver }: { receiver: Receiver }) {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const [askedMs, setAskedMs] = useState<number | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const close = () => setIsAsking(false);
  return (
    <tr data-receiver={receiver.name}>
      <th scope="row">
        <b>{receiver.name}</b>
      </th>
      <td>{w.types[receiver.type]}</td>
      <td class="wrap">{receiver.type === 'page' ? '—' : receiver.target}</td>
      <td>
        <div class="acts flat">
          <button type="button" class="bt" onClick={() => setIsAsking(true)}>
            {w.sendTest}
          </button>
          <span role="status">{askedMs !== null && <Result name={receiver.name} sinceMs={askedMs} />}</span>
        </div>
        {isAsking && (
          <Modal title={`${w.sendTest}: ${receiver.name}`} onClose={close}>
            <PersonForm
              hasNote={false}
              action={w.sendTest}
              onDone={close}
              send={async (by) => {
                const atMs = nowMs.peek() - SLACK_MS;
                const answer = await api.testReceiver(receiver.name, by);
                if (answer.ok) setAskedMs(atMs);
                return answer;
              }}
            />
          </Modal>
        )}
      </td>
    </tr>
  );
}

export function Receivers() {
  const w = ruleWords.value;
  const list = useReceivers();
  return (
    <>
      <p class="note">{w.receiversNote}</p>
      {failure.value !== '' && (
        <p class="al" role="alert">
          {words.value.failed(failure.value)}
        </p>
      )}
      {list.length === 0 ? (
        <p class="empty">{w.receiversNone}</p>
      ) : (
        <Scroll label={w.sections.receivers} more="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">{w.receiver}</th>
                <th scope="col">{w.type}</th>
                <th scope="col">{w.address}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {list.map((receiver) => (
                <Row key={receiver.name} receiver={receiver} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}
