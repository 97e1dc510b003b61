/** What was not counted, and why: the newest hundred, with where each stands in the log. */
import { clock, dayMonth, portName, terminalShort, whole } from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';

import { language, words } from '../settings.ts';

import { type Answer, api, type DeadLetter } from '../wire/api.ts';
import { shownZone } from '../zone.ts';
import { ledgerWords } from './ledger-words.ts';
import { Modal } from './modal.tsx';
import { Scroll } from './scroll.tsx';

/** A newer processor may give a reason that this page has no words for. */
function reasonName(reason: string): string {
  const names: Readonly<Record<string, string>> = words.value.deadLetterReasons;
  return names[reason] ?? reason.replaceAll('_', ' ');
}

export function DeadLetters({ onClose }: { onClose: () => void }) {
  const { live } = usePage();
  const w = words.value;
  const l = ledgerWords.value;
  const lang = language.value;
  const [answer, setAnswer] = useState<Answer<{ dead_letters: DeadLetter[] }> | null>(null);
  useEffect(() => {
    void api.deadLetters().then(setAnswer);
  }, []);
  const reasons = Object.entries(live.status.value?.dead_letters_by_reason ?? {}).sort((a, b) => b[1] - a[1]);
  const letters = answer?.ok === true ? answer.value.dead_letters : [];
  const at = `${letters[0]?.partition}/${letters[0]?.offset}`;
  return (
    <Modal title={w.deadLetters} onClose={onClose} isWide>
      {reasons.length > 0 && (
        <div class="kv reasons">
          {reasons.map(([reason, count]) => (
            <>
              <span>{reasonName(reason)}</span>
              <span>{whole(count)}</span>
            </>
          ))}
        </div>
      )}
      {answer === null && <p class="note">{w.loading}</p>}
      {answer?.ok === false && (
        <p class="al">{w.failed(answer.message === '' ? String(answer.status) : answer.message)}</p>
      )}
      {answer?.ok === true && letters.length === 0 && <p class="note">{w.deadLettersNone}</p>}
      {letters.length > 0 && (
        <p class="note wrap">
          {l.redrive} <code>npm run dead-letters -- show {at}</code>, <code>npm run dead-letters -- redrive {at}</code>.{' '}
          {l.redriveNote}
        </p>
      )}
      {letters.length > 0 && (
        <Scroll label={w.deadLetters}>
          <table class="cards letters">
            <thead>
              <tr>
                <th scope="col">{w.columns.time}</th>
                <th scope="col">{w.columns.reason}</th>
                <th scope="col">{w.port}</th>
                <th scope="col">{w.columns.where}</th>
                <th scope="col">{w.columns.detail}</th>
              </tr>
            </thead>
            <tbody>
              {letters.map((letter) => (
                <tr key={`${letter.topic} ${letter.partition} ${letter.offset} ${letter.entry}`}>
                  <td>
                    {dayMonth(letter.at_ms, lang, shownZone.value)} {clock(letter.at_ms, shownZone.value)}
                  </td>
                  <td class="b">{reasonName(letter.reason)}</td>
                  <td data-head={w.port}>
                    {letter.port === '' ? '—' : portName(letter.port, lang)}{' '}
                    <span class="pc">{terminalShort(letter.terminal)}</span>
                  </td>
                  <td class="dim" data-head={w.columns.where}>
                    {letter.topic} {letter.partition}/{letter.offset}
                    {letter.entry >= 0 ? ` #${letter.entry}` : ''}
                  </td>
                  <td class="wrap" data-head={w.columns.detail}>
                    {letter.detail}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Modal>
  );
}
