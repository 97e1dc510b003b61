/** What is changed and not saved yet, somebody else's change that came between, and saving. */
import { moment } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { Modal } from '../parts/modal.tsx';
import { PersonForm, type Send } from '../parts/person-form.tsx';
import { language } from '../settings.ts';
import { api } from '../wire/api.ts';
import { shownZone } from '../zone.ts';
import { differences, problemsOf, rebased } from './draft.ts';
import { placeWords, problemWords } from './place-words.ts';
import {
  base,
  begin,
  changes,
  checkFailure,
  conflict,
  draft,
  load,
  pairOf,
  problems,
  savedNow,
  setDraft,
} from './state.ts';
import { ChangeList } from './versions.tsx';
import { ruleWords } from './words.ts';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function SaveDialog({ onClose }: { onClose: () => void }) {
  const w = ruleWords.value;
  const send: Send = async (by, note) => {
    const rules = draft.peek();
    const from = base.peek();
    if (rules === null || from === null) return { ok: true };
    const answer = await api.saveRules(from.version, by, note, rules);
    if (answer.ok) {
      begin(answer.value.rule_set);
      savedNow.value = answer.value.rule_set;
      void load();
      return answer;
    }
    const body = isRecord(answer.body) ? answer.body : {};
    if (answer.status === 409) {
      // The rules are read anew, and the difference is shown beside the changes.
      await load();
      return { ok: true };
    }
    if (answer.status !== 422 || !Array.isArray(body['problems'])) return answer;
    problems.value = problemsOf(body['problems'].map(String));
    return { ...answer, message: w.problems(body['problems'].length) };
  };
  return (
    <Modal title={w.saveTitle} onClose={onClose}>
      <PersonForm send={send} action={w.save.replace('…', '')} onDone={onClose} isNoteWanted>
        <p class="note">{w.saveNote}</p>
        <ChangeList list={changes.value} />
      </PersonForm>
    </Modal>
  );
}

function Conflict() {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const lang = language.value;
  const theirs = conflict.value;
  if (theirs === null || base.value === null || draft.value === null) return null;
  const put = rebased(pairOf(base.value), draft.value, pairOf(theirs));
  const both = put.both.map((path) => placeWords(path, w, lang)).join('; ');
  return (
    <div class="r-conflict" role="alert">
      <b>{w.conflict(theirs.by, theirs.version, moment(theirs.saved_at_ms, nowMs.value, lang, shownZone.value))}</b>
      {theirs.note !== '' && <p>“{theirs.note}”</p>}
      <ChangeList list={differences(pairOf(base.value), pairOf(theirs))} />
      <p class="note">{w.conflictNote}</p>
      {both !== '' && <p class="note b">{w.bothChanged(both)}</p>}
      <div class="acts">
        <button
          type="button"
          class="bt pri"
          onClick={() => {
            begin(theirs);
            setDraft(put.draft);
          }}
        >
          {w.rebase}
        </button>
        <button type="button" class="bt" onClick={() => begin(theirs)}>
          {w.dropMine}
        </button>
      </div>
    </div>
  );
}

export function Changes() {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const lang = language.value;
  const [isSaving, setIsSaving] = useState(false);
  const list = changes.value;
  const wrong = problems.value;
  const saved = savedNow.value;
  return (
    <section aria-label={w.changesTitle} data-changes={list.length}>
      <h2 class="h">{w.changesTitle}</h2>
      {saved !== null && (
        <p class="note b" role="status">
          {w.saved(saved.version, moment(saved.effective_from_ms, nowMs.value, lang, shownZone.value))}
        </p>
      )}
      <Conflict />
      {list.length === 0 ? <p class="note">{w.noChanges}</p> : <ChangeList list={list} />}
      {wrong.length > 0 && (
        <div class="al note" role="alert">
          {w.problems(wrong.length)}
          <ul class="plain-list">
            {wrong.map((one) => (
              <li key={one.place + one.message}>
                {placeWords(one.place.split('.'), w, lang) || one.place}: {problemWords(one.message, w)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {checkFailure.value !== '' && <p class="ca">{w.checkFailed(checkFailure.value)}</p>}
      <div class="acts">
        <button
          type="button"
          class="bt pri"
          disabled={list.length === 0 || wrong.length > 0 || conflict.value !== null}
          onClick={() => setIsSaving(true)}
        >
          {w.save}
        </button>
        <button
          type="button"
          class="bt"
          disabled={list.length === 0}
          onClick={() => {
            const from = base.peek();
            if (from !== null) setDraft(pairOf(from));
          }}
        >
          {w.discard}
        </button>
      </div>
      {isSaving && <SaveDialog onClose={() => setIsSaving(false)} />}
    </section>
  );
}
