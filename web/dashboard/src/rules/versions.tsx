/** Who changed the rules, when and why; a version as a file, and a file as a draft. */
import type { RuleSet } from '@quaywatch/contracts';
import { moment } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { saveText } from '../csv.ts';
import { Scroll } from '../parts/scroll.tsx';
import { language } from '../settings.ts';
import { shownZone } from '../zone.ts';
import { type Difference, differences, draftOfFile } from './draft.ts';
import { placeWords, valueText } from './place-words.ts';
import { answer, draft, pairOf, setDraft } from './state.ts';
import { ruleWords } from './words.ts';

export function ChangeList({ list }: { list: readonly Difference[] }) {
  const w = ruleWords.value;
  return (
    <ul class="plain-list">
      {list.map((one) => (
        <li key={one.path.join('.')}>
          {w.change(
            placeWords(one.path, w, language.value),
            valueText(one.path, one.before, w, language.value),
            valueText(one.path, one.after, w, language.value),
          )}
        </li>
      ))}
    </ul>
  );
}

function Version({ set, before, state }: { set: RuleSet; before: RuleSet | undefined; state: string }) {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const at = (timeMs: number) =>
    timeMs === 0 ? w.always : moment(timeMs, nowMs.value, language.value, shownZone.value);
  const list = before === undefined ? [] : differences(pairOf(before), pairOf(set));
  return (
    <tr data-version={set.version}>
      <th scope="row">
        <b>v{set.version}</b> {state !== '' && <span class="lab">{state}</span>}
      </th>
      <td>{set.version === 0 ? w.builtIn : set.by}</td>
      <td>{set.saved_at_ms === 0 ? '—' : at(set.saved_at_ms)}</td>
      <td>{at(set.effective_from_ms)}</td>
      <td class="wrap">
        {set.version === 0 ? '' : set.note}
        <ChangeList list={list} />
      </td>
      <td>
        <button type="button" class="bt" onClick={() => setDraft(pairOf(set))}>
          {w.useAsDraft}
        </button>
      </td>
    </tr>
  );
}

function Files() {
  const w = ruleWords.value;
  const [said, setSaid] = useState('');
  const load = async (file: File | undefined) => {
    if (file === undefined) return;
    const read = draftOfFile(await file.text());
    setSaid(read === undefined ? w.notARuleFile : '');
    if (read !== undefined) setDraft(read);
  };
  return (
    <div class="r-fields">
      <button
        type="button"
        class="bt"
        onClick={() =>
          saveText('quaywatch-rules.json', `${JSON.stringify(draft.peek(), null, 2)}\n`, 'application/json')
        }
      >
        {w.download}
      </button>
      <label class="bt file">
        {w.upload}
        <input
          class="sr"
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            void load(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {said !== '' && (
        <p class="al" role="alert">
          {said}
        </p>
      )}
    </div>
  );
}

export function Versions() {
  const w = ruleWords.value;
  const said = answer.value;
  if (said === null) return null;
  const known = new Map([...said.history, said.current, ...said.upcoming].map((set) => [set.version, set]));
  const sets = [...known.values()].sort((a, b) => b.version - a.version);
  const newest = said.current.version;
  return (
    <>
      <Files />
      <Scroll label={w.sections.versions} more="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">{w.version}</th>
              <th scope="col">{w.savedBy}</th>
              <th scope="col">{w.savedAt}</th>
              <th scope="col">{w.effectiveFrom}</th>
              <th scope="col">{w.whatChanged}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {sets.map((set, index) => (
              <Version
                key={set.version}
                set={set}
                before={sets[index + 1]}
                state={set.version === newest ? w.current : set.version > newest ? w.toCome : ''}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
