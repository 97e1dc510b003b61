/** The played picture and live or another run side by side: the same figures, the same words, told apart by frame, tag and clock. */

import { type Signal, useSignal } from '@preact/signals';
import { type AlertState, PORTS } from '@quaywatch/contracts';
import {
  alertSize,
  alertTitle,
  clock,
  DAY_MS,
  deviationPercent,
  HOUR_MS,
  hourMinute,
  kindName,
  longDate,
  portName,
  severityName,
  shortDate,
  signedPercent,
  signedWhole,
  statusName,
  whole,
} from '@quaywatch/words';

import { usePage } from '../context.tsx';
import { deltaClass, isOpen } from '../deviation.ts';

import { type Beside, besideRun, useBeside } from '../replay/beside.ts';
import { Difference, HourTable } from '../replay/difference.tsx';
import { hoursOf, pairHours } from '../replay/hours.ts';
import { replayWords } from '../replay/words.ts';
import { language, words } from '../settings.ts';
import type { Slot } from '../slots.ts';

import type { World } from '../wire/store.ts';
import { shownZone, zoneFor } from '../zone.ts';
import { useTableKey, useWidth } from './hooks.ts';
import { SeverityIcon } from './icons.tsx';
import { DeviationLine } from './national.tsx';
import { useRunAlerts } from './run-alerts.ts';
import { Scroll } from './scroll.tsx';
import { sparkPaths } from './spark.tsx';

const HEIGHT = 210;
const portsShown = 14;

function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value) ?? value;
}

function Line({ slots, label, isReplay }: { slots: readonly Slot[]; label: string; isReplay: boolean }) {
  const top = niceTop(
    Math.max(1, ...slots.map((slot) => Math.max(slot.rate ?? 0, (slot.expected ?? 0) + (slot.band ?? 0)))),
  );
  const [ref, width] = useWidth(640);
  const plot = { left: 46, width: width - 60, height: HEIGHT - 34 };
  // Both sides are drawn from zero, so that they can be compared.
  const { actual, band, x } = sparkPaths(slots, { width: plot.width, height: plot.height }, true);
  const highest = Math.max(1, ...slots.flatMap((slot) => [slot.rate ?? 0, (slot.expected ?? 0) + (slot.band ?? 0)]));
  const y = (value: number) => plot.height - 2 - (value / highest) * (plot.height - 4);
  const step = top / 4;
  const ticks = (slots.length === 0 ? [0] : [0, 1, 2, 3, 4])
    .map((count) => count * step)
    .filter((value) => value <= highest);
  const last = slots.at(-1);
  const expected = slots
    .map((slot, index) => (slot.expected === null ? '' : `${x(index).toFixed(1)} ${y(slot.expected).toFixed(1)}`))
    .filter((text) => text !== '');
  return (
    <div class="natline" ref={ref}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
        <g transform={`translate(${plot.left},10)`}>
          {ticks.map((tick) => (
            <g key={tick}>
              <path d={`M0 ${y(tick)}H${plot.width}`} class={tick === 0 ? 'zero' : 'gl'} />
              <text x="-6" y={y(tick) + 4} class="axis" text-anchor="end">
                {tick >= 1000 ? `${tick / 1000}k` : whole(tick)}
              </text>
            </g>
          ))}
          <path d={band} fill="var(--s-band)" />
          {expected.length > 1 && (
            <path d={`M${expected.join('L')}`} fill="none" stroke="var(--s-expected)" stroke-dasharray="5 3" />
          )}
          <path d={actual} fill="none" stroke="var(--s-actual)" stroke-width="1.6" stroke-linejoin="round" />
          {last !== undefined && last.rate !== null && (
            <circle
              cx={x(slots.length - 1)}
              cy={y(last.rate)}
              r="3.4"
              fill="var(--surface)"
              stroke={isReplay ? 'var(--replay)' : 'var(--s-actual)'}
              stroke-width="1.8"
            />
          )}
          {slots.map((slot, index) =>
            index % Math.max(1, Math.round(slots.length / 6)) === 0 && index < slots.length - 2 ? (
              <text key={slot.startMs} x={x(index)} y={plot.height + 16} class="axis" text-anchor="middle">
                {hourMinute(slot.startMs, shownZone.value)}
              </text>
            ) : null,
          )}
        </g>
      </svg>
    </div>
  );
}

/** The last 24 hours of a run, ending with its present rate. */
function slotsOf(world: World, hours: readonly Slot[]): readonly Slot[] {
  const time = world.clock.value;
  const nation = world.nation.value;
  if (time === null || nation === null) return hours;
  const nowMs = world.play.value === null ? time.asOfMs : time.watermarkMs;
  const { rate, expected, band } = nation;
  return [...hours, { startMs: Math.floor(nowMs / HOUR_MS) * HOUR_MS, rate, expected, band }];
}

function Rate({ world }: { world: World }) {
  const w = words.value;
  const nation = world.nation.value;
  return (
    <>
      <span class="fig">
        {whole(nation?.rate ?? null)}
        <span class="unit">{w.unitRate}</span>
      </span>
      {world.clock.value === null ? (
        <div class="dev dim">{w.loading}</div>
      ) : (
        <DeviationLine rate={nation?.rate ?? null} expected={nation?.expected ?? null} />
      )}
    </>
  );
}

function BesideHead({ beside }: { beside: Beside }) {
  const { beside: other } = usePage();
  const w = words.value;
  const r = replayWords.value;
  const lang = language.value;
  const asOfMs = beside.world.clock.value?.asOfMs;
  const isLive = beside.run === '';
  return (
    <div class="rh">
      <span class={isLive ? 'tag' : 'tag r'}>{isLive ? w.liveWord : r.runWord}</span>
      <Rate world={beside.world} />
      <div class="sp" />
      {other.failure.value !== null && <span class="al">{w.playFailed(other.failure.value)}</span>}
      {beside.waitsAt !== null && <span class="note">{r.otherWaits[beside.waitsAt]}</span>}
      {beside.shiftMs !== 0 && <span class="lab">{r.shifted(signedWhole(beside.shiftMs / DAY_MS))}</span>}
      {asOfMs !== undefined && (
        <span class="lab">
          {isLive ? '' : `${longDate(asOfMs, lang, shownZone.value)} `}
          {clock(asOfMs, shownZone.value)}
        </span>
      )}
    </div>
  );
}

/** What stands beside, chosen in its place. */
function BesideChoice({ beside }: { beside: Beside }) {
  const { player } = usePage();
  const r = replayWords.value;
  const played = player.state.value;
  const nameOf = (run: string) => (run !== played?.run ? run : played.as_known ? r.sameRunNow : r.sameRunThen);
  return (
    <label class="beside">
      <span class="lab">{r.beside}</span>
      <select
        class="in"
        value={beside.run}
        onChange={(event) => {
          besideRun.value = event.currentTarget.value;
        }}
      >
        <option value="">{r.liveNow}</option>
        {beside.runs.map(({ run }) => (
          <option key={run} value={run}>
            {nameOf(run)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Known() {
  const { player } = usePage();
  const w = words.value;
  const state = player.state.value;
  if (state === null) return null;
  const set = (asKnown: boolean) => void player.set({ asKnown });
  return (
    <>
      <fieldset class="seg" aria-label={w.asKnownNow}>
        <button
          type="button"
          class={state.as_known ? 'on' : ''}
          aria-pressed={state.as_known}
          onClick={() => set(true)}
        >
          {w.asKnownAt(hourMinute(state.at_ms, shownZone.value))}
        </button>
        <button
          type="button"
          class={state.as_known ? '' : 'on'}
          aria-pressed={!state.as_known}
          onClick={() => set(false)}
        >
          {w.asKnownNow}
        </button>
      </fieldset>
      <span class="lab">{state.as_known ? w.revisionsHidden : w.revisionsShown}</span>
    </>
  );
}

function CompareRow({ code, other }: { code: string; other: World }) {
  const { player } = usePage();
  const then = player.world.port(code).value;
  const beside = other.port(code).value;
  const [rate, rateBeside] = [then?.rate ?? null, beside?.rate ?? null];
  const off = deviationPercent(rate, then?.expected ?? null);
  const offBeside = deviationPercent(rateBeside, beside?.expected ?? null);
  return (
    <tr>
      <td class="pn">{portName(code, language.value)}</td>
      <td class="num rate">{whole(rate)}</td>
      <td class={`num b ${deltaClass(off)}`}>{signedPercent(off)}</td>
      <td class="num mid">{whole(rateBeside)}</td>
      <td class={`num ${deltaClass(offBeside)}`}>{signedPercent(offBeside)}</td>
      <td class="num b">{rate === null || rateBeside === null ? '—' : signedWhole(rate - rateBeside)}</td>
      <td class="num">{signedPercent(deviationPercent(rate, rateBeside))}</td>
    </tr>
  );
}

function Compare({ other, isLive }: { other: World; isLive: boolean }) {
  const { player } = usePage();
  const w = words.value;
  const r = replayWords.value;
  const codes = PORTS.map((port) => port.code)
    .sort((a, b) => (player.world.port(b).value?.expected ?? 0) - (player.world.port(a).value?.expected ?? 0))
    .slice(0, portsShown);
  const heads = [
    w.replayRate,
    w.versusExpectedShort,
    isLive ? w.liveRate : r.otherRate,
    w.versusExpectedShort,
    isLive ? r.lessLive : r.lessOther,
    isLive ? w.replayOverLive : r.overOther,
  ];
  return (
    <Scroll label={w.ports}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.port}</th>
            {heads.map((head, index) => (
              <th key={index} scope="col" class="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {codes.map((code) => (
            <CompareRow key={code} code={code} other={other} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function PlayedAlert({ alert, isAhead }: { alert: AlertState; isAhead: boolean }) {
  const w = words.value;
  const lang = language.value;
  const size = alertSize(alert, lang);
  return (
    <div class={isAhead ? 'li dim' : 'li'}>
      <SeverityIcon severity={isAhead ? 'info' : alert.severity} label={severityName(alert.severity, language.value)} />
      <b>{isAhead ? w.aheadIncident(kindName(alert.kind, language.value)) : alertTitle(alert, lang)}</b>
      <span class="dim nw">
        {shortDate(alert.since_ms, lang, zoneFor(alert.port))} {hourMinute(alert.since_ms, zoneFor(alert.port))}
      </span>
      <small>
        {isAhead
          ? w.aheadHidden
          : size === null
            ? w.sizeUnknown
            : `${size.size} ${size.rest}${isOpen(alert) ? '' : ` · ${statusName(alert.status, language.value)}`}`}
      </small>
    </div>
  );
}

/** Alerts as they are known at the played moment: what the player tells, and older ones whose end it had passed. */
function useKnownAlerts() {
  const { player } = usePage();
  const state = player.state.value;
  const all = useRunAlerts();
  const told = player.world.alerts.value;
  const atMs = state?.at_ms ?? 0;
  const endOf = (alert: AlertState) => (state?.as_known === false ? alert.at_ms : alert.known_at_ms);
  const ended = all.filter((alert) => !told.has(alert.alert_id) && alert.status === 'resolved' && endOf(alert) <= atMs);
  const past = [...told.values(), ...ended].sort((a, b) => b.since_ms - a.since_ms);
  const ahead = all.filter((alert) => alert.since_ms > atMs && !told.has(alert.alert_id));
  return { past, ahead };
}

function Incidents() {
  const w = words.value;
  const { past, ahead } = useKnownAlerts();
  const next = ahead[0];
  return (
    <>
      <div class="ph">
        <h2 class="h">{w.incidentsInReplay}</h2>
        <span class="lab">{w.soFarCount(past.length, ahead.length)}</span>
      </div>
      <Scroll label={w.incidentsInReplay}>
        {next !== undefined && <PlayedAlert alert={next} isAhead />}
        {past.slice(0, 60).map((alert) => (
          <PlayedAlert key={alert.alert_id} alert={alert} isAhead={false} />
        ))}
      </Scroll>
    </>
  );
}

function TableChoice({ isHours }: { isHours: Signal<boolean> }) {
  const r = replayWords.value;
  return (
    <fieldset class="seg" aria-label={r.behind}>
      {[false, true].map((choice) => (
        <button
          key={String(choice)}
          type="button"
          class={isHours.value === choice ? 'on' : ''}
          aria-pressed={isHours.value === choice}
          onClick={() => {
            isHours.value = choice;
          }}
        >
          {choice ? r.byHour : r.byPort}
        </button>
      ))}
    </fieldset>
  );
}

export function ReplayPair() {
  const { player } = usePage();
  const w = words.value;
  const beside = useBeside();
  const isHours = useSignal(false);
  useTableKey(isHours);
  const isLive = beside.run === '';
  const [hours, otherHours] = [hoursOf(player.world), hoursOf(beside.world)];
  const paired = pairHours(hours, otherHours, isLive ? null : beside.shiftMs);
  return (
    <>
      <section class="rp l" aria-busy={player.isLoading.value}>
        <div class="rh">
          <span class="tag r">{w.replayWord}</span>
          <Rate world={player.world} />
        </div>
        <Line slots={slotsOf(player.world, hours)} label={w.replayRate} isReplay />
        <div class="known">
          <Known />
          <div class="sp" />
          <TableChoice isHours={isHours} />
        </div>
        {isHours.value ? (
          <HourTable hours={paired} isLive={isLive} />
        ) : (
          <Compare other={beside.world} isLive={isLive} />
        )}
        <p class="note calls-note">{w.callsNotKept}</p>
      </section>
      <section class="rp">
        <BesideHead beside={beside} />
        <Line slots={slotsOf(beside.world, otherHours)} label={w.national24h} isReplay={!isLive} />
        <Difference hours={paired}>
          <BesideChoice beside={beside} />
        </Difference>
        <Incidents />
      </section>
    </>
  );
}
