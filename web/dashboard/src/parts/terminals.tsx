/** Terminals of a port, and the vessels at their berths. */

import { useSignal } from '@preact/signals';
import type { CallSummary, TerminalSummary } from '@quaywatch/contracts';
import {
  deviationPercent,
  HOUR_MS,
  hourMinute,
  signedPercent,
  terminalName,
  terminalShort,
  whole,
  zoneNameOver,
} from '@quaywatch/words';
import { callKey, callsAtBerth } from '../calls.ts';
import { usePage } from '../context.tsx';
import { deltaClass } from '../deviation.ts';

import { language, words } from '../settings.ts';
import { timeSplitsMs } from '../time.ts';
import type { World } from '../wire/store.ts';
import { dayNote, shownZone } from '../zone.ts';
import { CallTable } from './figures.tsx';
import { useWidth } from './hooks.ts';
import { FeedCell } from './port-row.tsx';
import { Scroll } from './scroll.tsx';

/** Calls that have left are shown for so long. */
const LEFT_SHOWN_MS = 3 * HOUR_MS;

function State({ terminal }: { terminal: TerminalSummary }) {
  const w = words.value;
  const name = w.terminalStates[terminal.state];
  const text =
    terminal.state_since_ms === null ? name : w.stateSince(name, hourMinute(terminal.state_since_ms, shownZone.value));
  const style = terminal.state === 'stopped' ? 'al b' : terminal.state === 'silent' ? 'al' : 'dim';
  return <span class={style}>{text}</span>;
}

function Row({ terminal, calls }: { terminal: TerminalSummary; calls: number }) {
  const deviation = deviationPercent(terminal.rate, terminal.expected);
  return (
    <tr>
      <td>
        <span class="pn">{terminalName(terminal.terminal, language.value)}</span>
        <span class="pc">{terminalShort(terminal.terminal)}</span>
      </td>
      <td class="num rate">{whole(terminal.rate)}</td>
      <td class="num mid">{whole(terminal.expected)}</td>
      <td class={`num b ${deltaClass(deviation)}`}>{signedPercent(deviation)}</td>
      <td class="num">{whole(terminal.today)}</td>
      <td class="num">{whole(terminal.boxes_today)}</td>
      <td class="num">{calls}</td>
      <td>
        <State terminal={terminal} />
      </td>
      <td>
        <FeedCell feed={terminal.feed} ageS={terminal.feed_age_s} />
      </td>
    </tr>
  );
}

function atBerthNow(live: World, code: string, asOfMs: number): There {
  return callsAtBerth(live.calls(code).value.values(), live.terminals(code).value.values(), asOfMs);
}

export function Terminals({ code }: { code: string }) {
  const { live } = usePage();
  const w = words.value;
  const calls = new Map<string, number>();
  for (const { terminal } of atBerthNow(live, code, live.clock.value?.asOfMs ?? 0).values())
    calls.set(terminal, (calls.get(terminal) ?? 0) + 1);
  const rank = { stopped: 0, silent: 1, working: 2, idle: 3 } as const;
  const terminals = [...live.terminals(code).value.values()].sort(
    (a, b) => rank[a.state] - rank[b.state] || (b.expected ?? 0) - (a.expected ?? 0),
  );
  return (
    <Scroll label={w.columns.terminal}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.columns.terminal}</th>
            <th scope="col" class="num sort">
              {w.unitRate}
            </th>
            <th scope="col" class="num">
              {w.columns.expected}
            </th>
            <th scope="col" class="num">
              {w.versusExpected}
            </th>
            <th scope="col" class="num">
              {w.today}
              {dayNote}
            </th>
            <th scope="col" class="num">
              {w.boxes}
            </th>
            <th scope="col" class="num">
              {w.columns.atBerth}
            </th>
            <th scope="col">{w.columns.state}</th>
            <th scope="col">{w.feed}</th>
          </tr>
        </thead>
        <tbody>
          {terminals.map((terminal) => (
            <Row key={terminal.terminal} terminal={terminal} calls={calls.get(terminal.terminal) ?? 0} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const ROW = 24;
/** About as long as the words of a call are, px. */
const WORDS = 190;

type Axis = {
  readonly left: number;
  readonly right: number;
  readonly x: (timeMs: number) => number;
  readonly nowMs: number;
};

/** A name that has room before the bars, with its berth behind it. */
function cut(name: string, width: number): string {
  const most = Math.floor(width / 6.8);
  return name.length <= most ? name : `${name.slice(0, most - 1).trimEnd()}…`;
}

type CallProps = { readonly call: CallSummary; readonly isThere: boolean; readonly index: number; readonly axis: Axis };

function Call({ call, isThere, index, axis }: CallProps) {
  const w = words.value;
  const { left, right, x, nowMs } = axis;
  const top = 22 + index * ROW;
  const from = Math.max(left, x(call.first_move_ms));
  const to = x(Math.max(call.last_move_ms, call.first_move_ms + 300_000));
  // A short bar has its words before it, so that they never run past the present.
  const isShort = to - from < WORDS && from - left > WORDS;
  const isQuiet = isThere && nowMs - call.last_move_ms > HOUR_MS / 2;
  return (
    <g>
      <text x="0" y={top + 15} class="lbl">
        {cut(terminalName(call.terminal, language.value), left)}
        {call.berth === '' ? '' : `, ${call.berth}`}
      </text>
      <rect
        x={from}
        y={top + 3}
        width={Math.max(2, to - from)}
        height="17"
        fill="var(--s-band)"
        stroke="var(--s-band-edge)"
      />
      {isQuiet && (
        <rect
          x={to}
          y={top + 3}
          width={Math.max(0, x(nowMs) - to)}
          height="17"
          fill="url(#stopped)"
          stroke="var(--alarm)"
        />
      )}
      <text
        x={isShort ? from - 6 : Math.max(left + 4, Math.min(from + 6, right - WORDS))}
        y={top + 15.5}
        class={isShort ? 'halo' : 'halo-band'}
        text-anchor={isShort ? 'end' : 'start'}
      >
        {call.mixed_trade ? '◇ ' : ''}
        {call.vessel} <tspan class="b">{w.movesCount(whole(call.moves))}</tspan>
      </text>
    </g>
  );
}

type There = ReadonlyMap<string, CallSummary>;

/** Drawn as wide as there is room, so that its words keep their size. */
function BerthChart({ calls, there, endMs }: { calls: readonly CallSummary[]; there: There; endMs: number }) {
  const [ref, width] = useWidth(560);
  const fromMs = Math.min(
    endMs - 9 * HOUR_MS,
    ...calls.map((call) => Math.max(call.first_move_ms, endMs - 24 * HOUR_MS)),
  );
  const left = Math.min(150, width * 0.3);
  const x = (timeMs: number) => left + ((timeMs - fromMs) / (endMs - fromMs)) * (width - left - 14);
  const height = 26 + calls.length * ROW;
  return (
    <div ref={ref}>
      <svg width={width} height={height} role="img" aria-label={words.value.atBerth}>
        <defs>
          <pattern id="stopped" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V6" stroke="var(--alarm)" stroke-width="1.2" />
          </pattern>
        </defs>
        <text x="0" y="11" class="axis">
          {zoneNameOver(fromMs, endMs, shownZone.value)}
        </text>
        {timeSplitsMs(fromMs, endMs, Math.floor((width - left) / 60), shownZone.value).map((time) => (
          <g key={time}>
            <path d={`M${x(time)} 16V${height}`} class="gl" />
            <text x={x(time)} y="11" class="axis" text-anchor="middle">
              {hourMinute(time, shownZone.value)}
            </text>
          </g>
        ))}
        {calls.map((call, index) => (
          <Call
            key={callKey(call)}
            call={call}
            isThere={there.has(callKey(call))}
            index={index}
            axis={{ left, right: width - 14, x, nowMs: endMs }}
          />
        ))}
        <path d={`M${x(endMs)} 16V${height}`} stroke="var(--ink)" stroke-width="1.4" />
      </svg>
    </div>
  );
}

export function Berths({ code }: { code: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const isTable = useSignal(false);
  const endMs = live.clock.value?.asOfMs ?? nowMs.value;
  const there = atBerthNow(live, code, endMs);
  const calls = [...live.calls(code).value.values()]
    .filter((call) => there.has(callKey(call)) || endMs - call.last_move_ms < LEFT_SHOWN_MS)
    .sort(
      (a, b) =>
        terminalName(a.terminal, 'en').localeCompare(terminalName(b.terminal, 'en'), 'en') ||
        a.first_move_ms - b.first_move_ms,
    );
  return (
    <section class="panel berths">
      <div class="ph">
        <h2 class="h">{w.atBerth}</h2>
        <span class="lab">{w.atBerthNote}</span>
        <div class="sp" />
        {calls.length > 0 && (
          <button
            type="button"
            class="tb"
            aria-pressed={isTable.value}
            onClick={() => {
              isTable.value = !isTable.peek();
            }}
          >
            {isTable.value ? w.chart : w.table}
          </button>
        )}
      </div>
      {calls.length === 0 ? (
        <p class="empty">{w.noCalls}</p>
      ) : isTable.value ? (
        <Scroll label={w.atBerth}>
          <CallTable calls={calls} />
        </Scroll>
      ) : (
        <Scroll label={w.atBerth} more="pad">
          <BerthChart calls={calls} there={there} endMs={endMs} />
        </Scroll>
      )}
    </section>
  );
}
