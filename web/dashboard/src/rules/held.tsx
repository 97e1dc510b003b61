/** What is held back: inhibitions as sentences that can be opened, mute calendars, and when an alert flaps. */
import { MATCHER_NAMES, type MuteCalendar } from '@quaywatch/contracts';
import { moment } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { matcherWords } from '../matcher-words.ts';
import { failureOf } from '../parts/person-form.tsx';
import { language, words } from '../settings.ts';
import { api } from '../wire/api.ts';
import { shownZone } from '../zone.ts';
import type { Path } from './draft.ts';
import {
  addTo,
  ChoicesField,
  DurationField,
  fieldOptions,
  listAt,
  MatchersField,
  matchersAt,
  NumberField,
  Problems,
  removeAt,
  SwitchField,
  textsAt,
  valueAt,
} from './fields.tsx';
import { draft, put } from './state.ts';
import { ruleWords } from './words.ts';

const INHIBITIONS: Path = ['routing', 'inhibitions'];
const CALENDARS: Path = ['routing', 'mute_calendars'];

function Inhibition({ index }: { index: number }) {
  const w = ruleWords.value;
  const lang = language.value;
  const path = [...INHIBITIONS, index];
  const names = words.value.matcher.names;
  const equal = textsAt([...path, 'equal']).map((name) => {
    const known = MATCHER_NAMES.find((one) => one === name);
    return known === undefined ? name : names[known];
  });
  const isExplainedOnly = valueAt([...path, 'explained_only']) === true;
  const says = (side: string) => matcherWords(matchersAt([...path, side]), lang);
  return (
    <details class="r-entry">
      <summary>
        {w.inhibition(says('source'), says('target'), equal.join(w.and), isExplainedOnly)}{' '}
        <Problems path={path} isDeep />
      </summary>
      {(['source', 'target'] as const).map((side) => (
        <div key={side} class="r-line">
          <span class="lab">{w[side]}</span>
          <MatchersField path={[...path, side]} label={w[side]} />
        </div>
      ))}
      <div class="r-line">
        <span class="lab">{w.equal}</span>
        <ChoicesField path={[...path, 'equal']} label={w.equal} options={fieldOptions()} />
      </div>
      <SwitchField path={[...path, 'explained_only']} label={w.explainedOnly} />
      <div class="acts">
        <button type="button" class="bt" onClick={() => removeAt(INHIBITIONS, index)}>
          {w.remove}
        </button>
      </div>
    </details>
  );
}

function Calendar({ calendar, index }: { calendar: MuteCalendar; index: number }) {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const now = nowMs.value;
  const next = calendar.intervals.find((one) => one.to_ms > now);
  const about =
    next === undefined ? '' : `${moment(next.from_ms, now, language.value, shownZone.value)} ${next.summary}`;
  return (
    <div class="r-row">
      <b>{calendar.name}</b>
      <span class="note">{w.intervals(calendar.intervals.length, about)}</span>
      <button type="button" class="bt" onClick={() => removeAt(CALENDARS, index)}>
        {w.remove}
      </button>
    </div>
  );
}

function ImportCalendar() {
  const w = ruleWords.value;
  const [name, setName] = useState('');
  const [said, setSaid] = useState('');
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const wanted = name.trim() === '' ? file.name.replace(/\.ics$/i, '') : name.trim();
    const answer = await api.readCalendar(wanted, await file.text());
    if (!answer.ok) return setSaid(words.value.failed(failureOf(answer)));
    const { calendar, problems } = answer.value;
    const others = (draft.peek()?.routing.mute_calendars ?? []).filter((one) => one.name !== calendar.name);
    put(CALENDARS, [...others, calendar]);
    setName('');
    setSaid(problems.length === 0 ? '' : w.calendarProblems(problems.join('; ')));
  };
  return (
    <div class="r-fields">
      <label>
        {w.calendarName}
        <input class="in" value={name} maxLength={80} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="bt file">
        {w.importCalendar}
        <input
          class="sr"
          type="file"
          accept=".ics,text/calendar"
          onChange={(event) => {
            void read(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {said !== '' && (
        <p class="note" role="status">
          {said}
        </p>
      )}
    </div>
  );
}

export function Held() {
  const w = ruleWords.value;
  const calendars = draft.value?.routing.mute_calendars ?? [];
  const flapping: Path = ['routing', 'flapping'];
  const empty = { source: [], target: [], equal: ['port'] };
  return (
    <>
      <h2 class="h">{w.inhibitions}</h2>
      {listAt(INHIBITIONS).map((_, index) => (
        <Inhibition key={index} index={index} />
      ))}
      <button type="button" class="bt" onClick={() => addTo(INHIBITIONS, empty)}>
        {w.addInhibition}
      </button>
      <h2 class="h gap">{w.calendars}</h2>
      <p class="note">{calendars.length === 0 ? w.calendarsNone : w.calendarsNote}</p>
      {calendars.map((calendar, index) => (
        <Calendar key={calendar.name} calendar={calendar} index={index} />
      ))}
      <ImportCalendar />
      <h2 class="h gap">{w.flapping}</h2>
      <p class="note">{w.flappingNote}</p>
      <div class="r-fields">
        <NumberField path={[...flapping, 'changes']} label={w.changes} step="1" />
        <DurationField path={[...flapping, 'within_s']} label={w.within} />
        <DurationField path={[...flapping, 'digest_every_s']} label={w.digestEvery} />
      </div>
    </>
  );
}
