/** Who is told: the tree of routes as a form. A route that is closed reads as one line: for what, to whom. */
import { DEFAULT_ROUTING } from '@quaywatch/contracts';
import { matcherWords } from '../matcher-words.ts';
import { language } from '../settings.ts';
import type { Path } from './draft.ts';
import {
  addTo,
  ChoicesField,
  DurationField,
  fieldOptions,
  listAt,
  MatchersField,
  matchersAt,
  Problems,
  removeAt,
  SelectField,
  SwitchField,
  valueAt,
} from './fields.tsx';
import { useReceivers } from './receivers.tsx';
import { ruleWords } from './words.ts';

const ROOT: Path = ['routing', 'route'];

function Escalations({ path, receivers }: { path: Path; receivers: readonly string[] }) {
  const w = ruleWords.value;
  return (
    <div class="r-line">
      <span class="lab">{w.escalate}</span>
      <div>
        {listAt(path).map((_, index) => (
          <div key={index} class="r-fields">
            <DurationField path={[...path, index, 'after_s']} label={w.escalateAfter} />
            <SelectField
              path={[...path, index, 'receiver']}
              label={w.escalateTo}
              options={receivers.map((name) => [name, name] as const)}
            />
            <button type="button" class="bt" onClick={() => removeAt(path, index)}>
              {w.remove}
            </button>
          </div>
        ))}
        <button
          type="button"
          class="bt"
          onClick={() => addTo(path, { after_s: 900, receiver: receivers[0] ?? 'page' })}
        >
          {w.addEscalation}
        </button>
      </div>
    </div>
  );
}

function Fields({ path, isRoot, receivers }: { path: Path; isRoot: boolean; receivers: readonly string[] }) {
  const w = ruleWords.value;
  const calendars = listAt(['routing', 'mute_calendars']).map((_, index) =>
    String(valueAt(['routing', 'mute_calendars', index, 'name'])),
  );
  const names = receivers.map((name) => [name, name] as const);
  return (
    <>
      <div class="r-fields">
        <SelectField
          path={[...path, 'receiver']}
          label={w.receiver}
          options={isRoot ? names : [['', w.inherits] as const, ...names]}
        />
        <DurationField path={[...path, 'group_wait_s']} label={w.groupWait} />
        <DurationField path={[...path, 'group_interval_s']} label={w.groupInterval} />
        <DurationField path={[...path, 'repeat_interval_s']} label={w.repeat} />
      </div>
      {!isRoot && (
        <div class="r-line">
          <span class="lab">{w.matchers}</span>
          <MatchersField path={[...path, 'matchers']} label={w.matchers} />
        </div>
      )}
      <div class="r-line">
        <span class="lab">{w.groupBy}</span>
        <ChoicesField path={[...path, 'group_by']} label={w.groupBy} options={fieldOptions()} />
      </div>
      <div class="r-line">
        <span class="lab">{w.calendarsOfRoute}</span>
        {calendars.length === 0 ? (
          <span class="note">{w.noCalendars}</span>
        ) : (
          <ChoicesField
            path={[...path, 'mute_calendars']}
            label={w.calendarsOfRoute}
            options={calendars.map((name) => [name, name] as const)}
          />
        )}
      </div>
      <Escalations path={[...path, 'escalate']} receivers={receivers} />
      {!isRoot && <SwitchField path={[...path, 'continue']} label={w.goesOn} />}
    </>
  );
}

function RouteForm({ path, receivers, onRemove }: { path: Path; receivers: readonly string[]; onRemove?: () => void }) {
  const w = ruleWords.value;
  const isRoot = onRemove === undefined;
  const receiver = String(valueAt([...path, 'receiver']) ?? '');
  const what = isRoot ? w.firstRoute : matcherWords(matchersAt([...path, 'matchers']), language.value);
  const below = [...path, 'routes'];
  const add = () => addTo(below, { ...DEFAULT_ROUTING.route, receiver: '', matchers: [], routes: [] });
  return (
    <details class="r-entry" open>
      <summary>
        <b>{w.routeLine(what, receiver === '' ? w.inherits : receiver)}</b> <Problems path={path} isDeep />
      </summary>
      <Fields path={path} isRoot={isRoot} receivers={receivers} />
      {listAt(below).map((_, index) => (
        <RouteForm key={index} path={[...below, index]} receivers={receivers} onRemove={() => removeAt(below, index)} />
      ))}
      <div class="acts">
        <button type="button" class="bt" onClick={add}>
          {w.addRoute}
        </button>
        {!isRoot && (
          <button type="button" class="bt" onClick={onRemove}>
            {w.removeRoute}
          </button>
        )}
      </div>
    </details>
  );
}

export function Routes() {
  const receivers = useReceivers().map((one) => one.name);
  return (
    <>
      <p class="note">{ruleWords.value.routeNote}</p>
      <RouteForm path={ROOT} receivers={receivers.includes('page') ? receivers : ['page', ...receivers]} />
    </>
  );
}
