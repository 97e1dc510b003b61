/** The player's controls: play, step, speed, scrub, next alert. Space plays and pauses, commas step, brackets change speed. */

import type { AlertState, PlayState } from '@quaywatch/contracts';
import {
  alertTitle,
  clock,
  HOUR_MS,
  hourMinute,
  longDate,
  MINUTE_MS,
  seconds,
  severityName,
  shortDate,
  whole,
  zoneNameOver,
} from '@quaywatch/words';
import { useEffect } from 'preact/hooks';

import { usePage } from '../context.tsx';
import { isForPart } from '../key-press.ts';
import { replayWords } from '../replay/words.ts';
import { go } from '../route.ts';
import { language, words } from '../settings.ts';
import { timeSplitsMs } from '../time.ts';
import type { Player } from '../wire/player.ts';
import { shownZone } from '../zone.ts';
import { SeverityIcon, TransportIcon } from './icons.tsx';
import { leaveReplay } from './replay-banner.tsx';
import { useRunAlerts } from './run-alerts.ts';

/** Speed of a player: 600×, 10,000×. */
const speedText = (factor: number): string => `${whole(factor)}×`;

const SPEEDS = [1, 60, 600, 3600, 10_000] as const;
const STEP_MS = 5 * MINUTE_MS;
/** The player stops this long before an alert, so that its beginning is seen. */
const LEAD_MS = 10 * MINUTE_MS;

function nextSpeed(speed: number, by: 1 | -1): number {
  const at = SPEEDS.findIndex((entry) => entry >= speed);
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (at < 0 ? SPEEDS.length - 1 : at) + by))] ?? 1;
}

const inside = (atMs: number, state: PlayState) => Math.max(state.from_ms, Math.min(state.to_ms, atMs));

/** More marks than this would be one red line: then only octagons stand on the scrubber, and Next goes from octagon to octagon. */
const marksMax = 150;

function marksOf(alerts: readonly AlertState[]): readonly AlertState[] {
  return alerts.length <= marksMax ? alerts : alerts.filter((alert) => alert.severity === 'critical');
}

function nextAlert(alerts: readonly AlertState[], state: PlayState): AlertState | undefined {
  return alerts.find((alert) => alert.since_ms - LEAD_MS > state.at_ms + 1000);
}

/** The last alert whose beginning lies behind; shortly after a jump to one, it is the one before that. */
function previousAlert(alerts: readonly AlertState[], state: PlayState): AlertState | undefined {
  const passedMs = Math.max(MINUTE_MS, state.speed * 2_000);
  return alerts.findLast((alert) => alert.since_ms - LEAD_MS < state.at_ms - passedMs);
}

function usePlayerKeys(player: Player, state: PlayState | null, alerts: readonly AlertState[]): void {
  const { dialogs } = usePage();
  useEffect(() => {
    if (state === null) return;
    const onKey = (event: KeyboardEvent) => {
      if (!isForPart(event, dialogs)) return;
      // Space presses the button that has the focus; every other key is the player's there too.
      if (event.key === ' ' && event.target instanceof HTMLElement && event.target.matches('button, a')) return;
      const next = nextAlert(alerts, state);
      const previous = previousAlert(alerts, state);
      if (event.key === ' ') void player.set({ paused: !state.paused });
      else if (event.key === ',' || event.key === '.')
        void player.set({ atMs: inside(state.at_ms + (event.key === ',' ? -STEP_MS : STEP_MS), state), paused: true });
      else if (event.key === '[' || event.key === ']')
        void player.set({ speed: nextSpeed(state.speed, event.key === '[' ? -1 : 1) });
      else if (event.key === 'n' && next !== undefined)
        void player.set({ atMs: inside(next.since_ms - LEAD_MS, state) });
      else if (event.key === 'p' && previous !== undefined)
        void player.set({ atMs: inside(previous.since_ms - LEAD_MS, state) });
      else if (event.key === 'l') leaveReplay(player.close);
      else return;
      event.preventDefault();
    };
    // Before the page's own keys: Space means the player here.
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, [player, state, alerts, dialogs]);
}

const WIDTH = 1000;

function Scrubber({ state, alerts }: { state: PlayState; alerts: readonly AlertState[] }) {
  const { player } = usePage();
  const w = words.value;
  const lang = language.value;
  const span = Math.max(1, state.to_ms - state.from_ms);
  // A day is named once, at its beginning; over weeks there are no hours to name.
  const isDay = (timeMs: number) => span > 14 * 24 * HOUR_MS || hourMinute(timeMs, shownZone.value) === '00:00';
  const x = (timeMs: number) => ((timeMs - state.from_ms) / span) * WIDTH;
  const seek = (event: PointerEvent) => {
    const box = event.currentTarget;
    if (!(box instanceof Element) || (event.type === 'pointermove' && event.buttons !== 1)) return;
    const { left, width } = box.getBoundingClientRect();
    void player.set({ atMs: Math.round(inside(state.from_ms + ((event.clientX - left) / width) * span, state)) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by: Readonly<Record<string, number>> = {
      ArrowLeft: -0.01,
      ArrowRight: 0.01,
      PageDown: -0.1,
      PageUp: 0.1,
      Home: -1,
      End: 1,
    };
    const share = by[event.key];
    if (share === undefined) return;
    event.preventDefault();
    void player.set({ atMs: Math.round(inside(state.at_ms + share * span, state)) });
  };
  return (
    <div
      class="scrub"
      role="slider"
      tabIndex={0}
      aria-label={w.position}
      aria-valuemin={state.from_ms}
      aria-valuemax={state.to_ms}
      aria-valuenow={Math.round(state.at_ms)}
      aria-valuetext={`${longDate(state.at_ms, lang, shownZone.value)} ${clock(state.at_ms, shownZone.value)}`}
      onPointerDown={seek}
      onPointerMove={seek}
      onKeyDown={onKeyDown}
    >
      <div class="track">
        <i style={{ width: `${x(state.at_ms) / 10}%` }} />
        {alerts.slice(0, 600).map((alert) => (
          <span
            key={alert.alert_id}
            class={`mark ${alert.severity}`}
            style={{ left: `${x(alert.since_ms) / 10}%` }}
            title={alertTitle(alert, lang)}
          >
            <SeverityIcon severity={alert.severity} size={11} label={severityName(alert.severity, language.value)} />
          </span>
        ))}
        <b style={{ left: `${x(state.at_ms) / 10}%` }} />
      </div>
      <div class="days">
        {/* A name at the very end would stand outside. */}
        {timeSplitsMs(state.from_ms, state.to_ms, 9, shownZone.value)
          .filter((time) => x(time) < 0.96 * WIDTH)
          .map((time) => (
            <span key={time} style={{ left: `${x(time) / 10}%` }}>
              {isDay(time) ? shortDate(time, lang, shownZone.value) : hourMinute(time, shownZone.value)}
            </span>
          ))}
      </div>
    </div>
  );
}

type Neighbours = { readonly previous: AlertState | undefined; readonly next: AlertState | undefined };

function AlertButtons({ state, previous, next }: Neighbours & { state: PlayState }) {
  const { player } = usePage();
  const to = (alert: AlertState | undefined) =>
    alert !== undefined && void player.set({ atMs: inside(alert.since_ms - LEAD_MS, state) });
  return (
    <>
      <button type="button" class="bt" disabled={previous === undefined} onClick={() => to(previous)}>
        {replayWords.value.previousAlert} <span class="kbd">P</span>
      </button>
      <button type="button" class="bt" disabled={next === undefined} onClick={() => to(next)}>
        {words.value.nextAlert} <span class="kbd">N</span>
      </button>
    </>
  );
}

function Buttons({ state, previous, next }: Neighbours & { state: PlayState }) {
  const { player } = usePage();
  const w = words.value;
  const lang = language.value;
  return (
    <div class="tr">
      <button type="button" class="bt" aria-label={w.toStart} onClick={() => void player.set({ atMs: state.from_ms })}>
        <TransportIcon name="start" />
      </button>
      <button
        type="button"
        class="bt"
        aria-label={w.stepBack}
        onClick={() => void player.set({ atMs: inside(state.at_ms - STEP_MS, state), paused: true })}
      >
        <TransportIcon name="back" />
      </button>
      <button
        type="button"
        class="bt pri"
        aria-label={state.paused ? w.play : w.pause}
        onClick={() => void player.set({ paused: !state.paused })}
      >
        <TransportIcon name={state.paused ? 'play' : 'pause'} />
      </button>
      <button
        type="button"
        class="bt"
        aria-label={w.stepOn}
        onClick={() => void player.set({ atMs: inside(state.at_ms + STEP_MS, state), paused: true })}
      >
        <TransportIcon name="on" />
      </button>
      <AlertButtons state={state} previous={previous} next={next} />
      <fieldset class="seg" aria-label={w.speed}>
        {SPEEDS.map((factor) => (
          <button
            key={factor}
            type="button"
            class={state.speed === factor ? 'on' : ''}
            aria-pressed={state.speed === factor}
            onClick={() => void player.set({ speed: factor })}
          >
            {speedText(factor)}
          </button>
        ))}
      </fieldset>
      <span class="lab">{w.hourPasses(seconds(3600 / state.speed, lang))}</span>
      <div class="sp" />
      <span class="lab">
        {shortDate(state.from_ms, lang, shownZone.value)} – {shortDate(state.to_ms, lang, shownZone.value)}{' '}
        {zoneNameOver(state.from_ms, state.to_ms, shownZone.value)}
      </span>
    </div>
  );
}

export function Transport() {
  const { player } = usePage();
  const w = words.value;
  const state = player.state.value;
  const alerts = marksOf(useRunAlerts());
  usePlayerKeys(player, state, alerts);
  if (state === null)
    return (
      <section class="tl">
        <p class="note">{player.failure.value === null ? w.loading : w.playFailed(player.failure.value)}</p>
        <button
          type="button"
          class="bt"
          onClick={() => {
            void player.close();
            go('replay');
          }}
        >
          {w.runs}
        </button>
      </section>
    );
  return (
    <section class="tl" aria-label={w.replay}>
      <Buttons state={state} previous={previousAlert(alerts, state)} next={nextAlert(alerts, state)} />
      <Scrubber state={state} alerts={alerts} />
    </section>
  );
}
