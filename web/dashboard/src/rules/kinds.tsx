/** What is looked for: one row a kind, every number of it a field. */
import { ALERT_KINDS, ALERT_LEVELS, type AlertKind } from '@quaywatch/contracts';
import { kindName, levelName } from '@quaywatch/words';
import { useEffect, useRef } from 'preact/hooks';
import { Scroll } from '../parts/scroll.tsx';
import { language } from '../settings.ts';
import { ChoicesField, NumberField, NumbersField, SwitchField, valueAt } from './fields.tsx';
import { ruleWords } from './words.ts';

function Levels({ kind, label }: { kind: AlertKind; label: string }) {
  const options = ALERT_LEVELS.map((level) => [level, levelName(level, language.value)] as const);
  return <ChoicesField path={['detection', 'kinds', kind, 'levels']} label={label} options={options} />;
}

function Row({ kind, isMeant }: { kind: AlertKind; isMeant: boolean }) {
  const w = ruleWords.value;
  const lang = language.value;
  const ref = useRef<HTMLTableRowElement>(null);
  const path = ['detection', 'kinds', kind];
  const name = kindName(kind, lang);
  const label = (field: string) => `${name}: ${field}`;
  const meaningId = `meaning-${kind}`;
  useEffect(() => {
    if (isMeant) ref.current?.scrollIntoView({ block: 'center' });
  }, [isMeant]);
  return (
    <tr
      ref={ref}
      data-kind={kind}
      class={[isMeant ? 'cur' : '', valueAt([...path, 'enabled']) === true ? '' : 'off'].join(' ')}
    >
      <th scope="row" aria-describedby={meaningId}>
        <div class="r-kind">
          <SwitchField path={[...path, 'enabled']} label={label(w.isOn)} isBare />
          <div>
            <b>{name}</b>
            <div class="lab">{w.units[kind]}</div>
          </div>
        </div>
      </th>
      <td>
        <Levels kind={kind} label={label(w.levels)} />
        <div id={meaningId} class="mean">
          {w.meanings[kind]}
        </div>
      </td>
      <td class="f-num">
        <NumberField path={[...path, 'threshold']} label={label(w.threshold)} isBare />
      </td>
      <td class="f-num">
        <NumberField path={[...path, 'min_share']} label={label(w.minShare)} scale={100} isBare />
      </td>
      <td class="f-list">
        <NumbersField path={[...path, 'windows_min']} label={label(w.windows)} title={w.windowsTitle} isBare />
      </td>
      <td class="f-num">
        <NumberField path={[...path, 'hold_min']} label={label(w.hold)} isBare />
      </td>
      <td class="f-num">
        <NumberField path={[...path, 'clear_hold_min']} label={label(w.clearHold)} isBare />
      </td>
      <td class="f-num">
        <NumberField
          path={[...path, 'warning_share']}
          label={label(w.warning)}
          scale={100}
          empty={null}
          placeholder={w.never}
          isBare
        />
      </td>
      <td class="f-num">
        <NumberField
          path={[...path, 'critical_share']}
          label={label(w.critical)}
          scale={100}
          empty={null}
          placeholder={w.never}
          isBare
        />
      </td>
    </tr>
  );
}

export function Kinds({ meant }: { meant: string }) {
  const w = ruleWords.value;
  return (
    <Scroll label={w.sections.detection} more="r-kinds">
      <table>
        <thead>
          <tr>
            <th scope="col">{w.kind}</th>
            <th scope="col" title={w.levelsTitle}>
              {w.levels}
            </th>
            <th scope="col" title={w.thresholdTitle}>
              {w.threshold}
            </th>
            <th scope="col" title={w.minShareTitle}>
              {w.minShare}
            </th>
            <th scope="col" title={w.windowsTitle}>
              {w.windows}
            </th>
            <th scope="col" title={w.holdTitle}>
              {w.hold}
            </th>
            <th scope="col" title={w.clearHoldTitle}>
              {w.clearHold}
            </th>
            <th scope="col" title={w.warningTitle}>
              {w.warning}
            </th>
            <th scope="col" title={w.criticalTitle}>
              {w.critical}
            </th>
          </tr>
        </thead>
        <tbody>
          {ALERT_KINDS.map((kind) => (
            <Row key={kind} kind={kind} isMeant={kind === meant} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
