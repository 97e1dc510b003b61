/** Where it is judged differently: exceptions by port, and stoppages that are planned. */
import { ALERT_KINDS, PORTS } from '@quaywatch/contracts';
import {
  DAY_MS,
  dayStartMs,
  HOUR_MS,
  kindName,
  portName,
  terminalName,
  terminalsOfPort,
  ZONE,
  zoneName,
} from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { Values } from '../parts/matchers.tsx';
import { language } from '../settings.ts';
import { zoneFor } from '../zone.ts';
import type { Path } from './draft.ts';
import {
  addTo,
  ChoicesField,
  listAt,
  NumberField,
  Problems,
  removeAt,
  SelectField,
  TextField,
  TimeField,
  textsAt,
  valueAt,
} from './fields.tsx';
import { put } from './state.ts';
import { ruleWords } from './words.ts';

const OVERRIDES: Path = ['detection', 'overrides'];
const PLANNED: Path = ['detection', 'planned'];

function EnabledField({ path }: { path: Path }) {
  const w = ruleWords.value;
  const value = valueAt(path);
  return (
    <label>
      {w.enabled}
      <select
        class="in"
        value={value === true ? 'on' : value === false ? 'off' : ''}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          put(path, chosen === '' ? undefined : chosen === 'on');
        }}
      >
        <option value="">{w.asRule}</option>
        <option value="on">{w.on}</option>
        <option value="off">{w.off}</option>
      </select>
    </label>
  );
}

function Override({ index }: { index: number }) {
  const w = ruleWords.value;
  const lang = language.value;
  const path = [...OVERRIDES, index];
  const number = (field: string, label: string, scale = 1) => (
    <NumberField path={[...path, field]} label={label} scale={scale} empty="out" placeholder={w.asRule} />
  );
  return (
    <fieldset class="r-entry" aria-label={`${w.overrides} ${index + 1}`}>
      <div class="r-line">
        <span class="lab">{w.exceptionPorts}</span>
        <fieldset class="vals" aria-label={w.exceptionPorts}>
          <Values
            matcher={{ name: 'port', op: '=', values: textsAt([...path, 'ports']) }}
            onChange={(ports) => put([...path, 'ports'], ports)}
          />
          <Problems path={[...path, 'ports']} isDeep />
        </fieldset>
      </div>
      <div class="r-line">
        <span class="lab">{w.exceptionKinds}</span>
        <ChoicesField
          path={[...path, 'kinds']}
          label={w.exceptionKinds}
          options={ALERT_KINDS.map((kind) => [kind, kindName(kind, lang)] as const)}
        />
      </div>
      <div class="r-fields">
        <EnabledField path={[...path, 'enabled']} />
        {number('threshold', w.threshold)}
        {number('min_share', w.minShare, 100)}
        {number('hold_min', w.hold)}
        {number('warning_share', w.warning, 100)}
        {number('critical_share', w.critical, 100)}
        <button type="button" class="bt" onClick={() => removeAt(OVERRIDES, index)}>
          {w.remove}
        </button>
      </div>
    </fieldset>
  );
}

function Planned({ index }: { index: number }) {
  const w = ruleWords.value;
  const lang = language.value;
  const path = [...PLANNED, index];
  const port = String(valueAt([...path, 'port']) ?? '');
  const terminals = terminalsOfPort(port);
  const zone = zoneFor(port);
  const zoneAt = (key: string) => zoneName(Number(valueAt([...path, key]) ?? 0), zone);
  return (
    <fieldset class="r-entry" aria-label={`${w.planned} ${index + 1}`}>
      <div class="r-fields">
        <SelectField
          path={[...path, 'port']}
          label={w.port}
          options={PORTS.map((port) => [port.code, portName(port.code, lang)] as const)}
        />
        <TimeField path={[...path, 'from_ms']} label={w.from(zoneAt('from_ms'))} zone={zone} />
        <TimeField path={[...path, 'to_ms']} label={w.to(zoneAt('to_ms'))} zone={zone} />
        <TextField path={[...path, 'note']} label={w.note} />
        <button type="button" class="bt" onClick={() => removeAt(PLANNED, index)}>
          {w.remove}
        </button>
      </div>
      {terminals.length > 1 && (
        <div class="r-line">
          <span class="lab">
            {w.terminals} ({w.allTerminals})
          </span>
          <ChoicesField
            path={[...path, 'terminals']}
            label={w.terminals}
            options={terminals.map((one) => [one.code, terminalName(one.code, lang)] as const)}
          />
        </div>
      )}
      <Problems path={path} />
    </fieldset>
  );
}

export function Places() {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const overrides = listAt(OVERRIDES);
  const planned = listAt(PLANNED);
  const plan = () => {
    const fromMs = dayStartMs(nowMs.peek(), ZONE) + DAY_MS;
    addTo(PLANNED, { port: 'CNSHA', terminals: [], from_ms: fromMs, to_ms: fromMs + 12 * HOUR_MS, note: '' });
  };
  return (
    <>
      <h2 class="h">{w.overrides}</h2>
      <p class="note">{overrides.length === 0 ? w.overridesNone : w.overridesNote}</p>
      {overrides.map((_, index) => (
        <Override key={index} index={index} />
      ))}
      <button type="button" class="bt" onClick={() => addTo(OVERRIDES, { ports: [], kinds: [] })}>
        {w.addOverride}
      </button>
      <h2 class="h gap">{w.planned}</h2>
      <p class="note">{planned.length === 0 ? `${w.plannedNone} ${w.plannedNote}` : w.plannedNote}</p>
      {planned.map((_, index) => (
        <Planned key={index} index={index} />
      ))}
      <button type="button" class="bt" onClick={plan}>
        {w.addPlanned}
      </button>
    </>
  );
}
