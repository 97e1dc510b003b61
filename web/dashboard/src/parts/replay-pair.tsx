/** The played picture and the live one side by side: the same figures, the same words, told apart by frame, tag and clock. */

import { type AlertState, PORTS } from '@quaywatch/contracts';
import {
  alertSize,
  alertTitle,
  clock,
  deviationPercent,
  HOUR_MS,
  hourMinute,
  kindName,
  portName,
  severityName,
  shortDate,
  signedPercent,
  statusName,
  whole,
} from '@quaywatch/words';

import { usePage } from '../context.tsx';
import { deltaClass, isOpen } from '../deviation.ts';

import { language, words } from '../settings.ts';
import { type Slot, slotsOf, sumSlots } from '../slots.ts';

import type { World } from '../wire/store.ts';
import { shownZone, zoneFor } from '../zone.ts';
import { useWidth } from './hooks.ts';
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

function slotsOfWorld(world: World): Slot[] {
  const time = world.clock.value;
  const nation = world.nation.value;
  if (time === null) return [];
  // Windows that were still open at the played moment are no zeros: the line ends with the last closed hour.
  const nowMs = world.play.value === null ? time.asOfMs : time.watermarkMs;
  const past = sumSlots(
    PORTS.map(({ code }) => slotsOf(world.series(code, '', 3600).value, world.series(code, '', 300).value, nowMs)),
  );
  // At the beginning of a stretch few ports have spoken; their sum is not the nation's.
  const most = Math.max(0, ...past.map((slot) => slot.expected ?? 0));
  const firstKnown = past.findIndex((slot) => slot.rate !== null && (slot.expected ?? most) >= most / 2);
  const known = firstKnown < 0 ? [] : past.slice(firstKnown);
  return nation === null
    ? known
    : [
        ...known,
        {
          startMs: Math.floor(nowMs / HOUR_MS) * HOUR_MS,
          rate: nation.rate,
          expected: nation.expected,
          band: nation.band,
        },
      ];
}

function Head({ world, isReplay }: { world: World; isReplay: boolean }) {
  const w = words.value;
  const nation = world.nation.value;
  const asOfMs = world.clock.value?.asOfMs;
  return (
    <div class="rh">
      <span class={isReplay ? 'tag r' : 'tag'}>{isReplay ? w.replayWord : w.liveWord}</span>
      <span class="fig">
        {whole(nation?.rate ?? null)}
        <span class="unit">{w.unitRate}</span>
      </span>
      <DeviationLine rate={nation?.rate ?? null} expected={nation?.expected ?? null} />
      <div class="sp" />
      {!isReplay && asOfMs !== undefined && <span class="lab">{clock(asOfMs, shownZone.value)}</span>}
    </div>
  );
}

function Known() {
  const { player } = usePage();
  const w = words.value;
  const state = player.state.value;
  if (state === null) return null;
  const set = (asKnown: boolean) => void player.set({ asKnown });
  return (
    <div class="known">
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
    </div>
  );
}

function CompareRow({ code }: { code: string }) {
  const { live, player } = usePage();
  const then = player.world.port(code).value;
  const now = live.port(code).value;
  const off = deviationPercent(then?.rate ?? null, then?.expected ?? null);
  const offNow = deviationPercent(now?.rate ?? null, now?.expected ?? null);
  return (
    <tr>
      <td class="pn">{portName(code, language.value)}</td>
      <td class="num rate">{whole(then?.rate ?? null)}</td>
      <td class={`num b ${deltaClass(off)}`}>{signedPercent(off)}</td>
      <td class="num mid">{whole(now?.rate ?? null)}</td>
      <td class={`num ${deltaClass(offNow)}`}>{signedPercent(offNow)}</td>
      <td class="num b">{signedPercent(deviationPercent(then?.rate ?? null, now?.rate ?? null))}</td>
    </tr>
  );
}

function Compare() {
  const { player } = usePage();
  const w = words.value;
  const codes = PORTS.map((port) => port.code)
    .sort((a, b) => (player.world.port(b).value?.expected ?? 0) - (player.world.port(a).value?.expected ?? 0))
    .slice(0, portsShown);
  return (
    <Scroll label={w.ports}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.port}</th>
            <th scope="col" class="num">
              {w.replayRate}
            </th>
            <th scope="col" class="num">
              {w.versusExpectedShort}
            </th>
            <th scope="col" class="num">
              {w.liveRate}
            </th>
            <th scope="col" class="num">
              {w.versusExpectedShort}
            </th>
            <th scope="col" class="num">
              {w.replayOverLive}
            </th>
          </tr>
        </thead>
        <tbody>
          {codes.map((code) => (
            <CompareRow key={code} code={code} />
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

export function ReplayPair() {
  const { live, player } = usePage();
  const w = words.value;
  const atMs = player.state.value?.at_ms ?? 0;
  const all = useRunAlerts();
  const known = new Map(all.filter((alert) => alert.since_ms <= atMs).map((alert) => [alert.alert_id, alert]));
  for (const [id, alert] of player.world.alerts.value) known.set(id, alert);
  const past = [...known.values()].sort((a, b) => b.since_ms - a.since_ms);
  const ahead = all.filter((alert) => alert.since_ms > atMs && !known.has(alert.alert_id));
  const next = ahead[0];
  return (
    <>
      <section class="rp l">
        <Head world={player.world} isReplay />
        <Line slots={slotsOfWorld(player.world)} label={w.replayRate} isReplay />
        <Known />
        <Compare />
      </section>
      <section class="rp">
        <Head world={live} isReplay={false} />
        <Line slots={slotsOfWorld(live)} label={w.national24h} isReplay={false} />
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
      </section>
    </>
  );
}
