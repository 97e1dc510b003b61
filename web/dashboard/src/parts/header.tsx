/** Top bar: views, what the picture is (live, late, old, replay), the data's time, and the reader's tools. */

import { useComputed } from '@preact/signals';
import { clock, duration, longDate, seconds, whole, zoneName } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { needsAcknowledging } from '../deviation.ts';

import { go, hrefOf, route, type View } from '../route.ts';
import { language, theme, words, ZONE_CHOICES } from '../settings.ts';
import { type Health, healthOf } from '../status.ts';
import { chooseZone, shownChoice, shownZone } from '../zone.ts';
import { FindIcon, Mark, TabIcon, ThemeIcon } from './icons.tsx';

export function useHealth(): Health {
  const { connection, live, nowMs } = usePage();
  return useComputed(() =>
    healthOf({
      link: connection.link.value,
      isPaused: connection.isPaused.value,
      waiting: connection.waitingCount.value,
      asOfMs: live.clock.value?.asOfMs ?? null,
      nowMs: nowMs.value,
      wallMs: nowMs.value - connection.clockOffsetMs.value,
    }),
  ).value;
}

export function nextTheme(): void {
  theme.value = theme.value === 'auto' ? 'light' : theme.value === 'light' ? 'dark' : 'auto';
}

/** UTC+8, UTC, port-local, and again. */
export function nextZone(): void {
  const at = ZONE_CHOICES.indexOf(shownChoice.peek());
  chooseZone(ZONE_CHOICES[(at + 1) % ZONE_CHOICES.length] ?? 'shanghai');
}

function ZoneButton({ style, children }: { style: string; children: string }) {
  const w = words.value;
  const name = w.zones[shownChoice.value];
  return (
    <button type="button" class={style} aria-label={name} title={`${name}. ${w.countingDay}.`} onClick={nextZone}>
      {children}
    </button>
  );
}

function StateChip({ health }: { health: Health }) {
  const { connection } = usePage();
  const w = words.value;
  const lang = language.value;
  switch (health.kind) {
    case 'live':
    case 'connecting':
    case 'empty':
      return null;
    case 'lagging':
      return <span class="chip lag">◐ {w.lagging(seconds(health.lagMs / 1000, lang))}</span>;
    case 'reconnecting':
      return (
        <>
          <span class="chip rec">
            {w.reconnecting(health.attempt, seconds(Math.ceil(health.inMs / 1000), lang).replace('.0', ''))}
          </span>
          <button type="button" class="tb" onClick={() => connection.retry()}>
            {w.retry}
          </button>
        </>
      );
    case 'stale':
      return <span class="chip stale">{w.stale(duration(health.ageMs, lang))}</span>;
    case 'paused':
      return (
        <>
          <span class="chip pause">❙❙ {w.paused(whole(health.waiting))}</span>
          <button type="button" class="tb" onClick={() => connection.resume()}>
            {w.resume}
          </button>
        </>
      );
  }
}

function RunSwitch({ health }: { health: Health }) {
  const { player } = usePage();
  const w = words.value;
  const isReplay = route.value.view === 'replay';
  const isGood = health.kind === 'live';
  return (
    <fieldset class="run seg" aria-label={w.runSwitch}>
      <button
        type="button"
        class={!isReplay && isGood ? 'live on' : 'live'}
        aria-pressed={!isReplay}
        onClick={() => go('overview')}
      >
        <svg width="8" height="8" aria-hidden="true">
          <circle cx="4" cy="4" r="3.4" fill="currentColor" />
        </svg>
        {health.kind === 'connecting' ? w.connecting : health.kind === 'empty' ? w.noDataYet : w.liveWord}
      </button>
      <button
        type="button"
        class={isReplay ? 'rep on' : 'rep'}
        aria-pressed={isReplay}
        onClick={() => go('replay', player.request.value?.run ?? '')}
      >
        <svg width="9" height="8" aria-hidden="true">
          <path d="M8.5 0v8L4.5 4zM4.5 0v8L.5 4z" fill="currentColor" />
        </svg>
        {w.replayWord}
      </button>
    </fieldset>
  );
}

function AsOf({ health }: { health: Health }) {
  const { live, player, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const played = route.value.view === 'replay' ? player.state.value : null;
  if (played !== null)
    return (
      <div class="asof rep">
        <span class="clk">{clock(played.at_ms, shownZone.value)}</span>
        <ZoneButton style="zn">{zoneName(played.at_ms, shownZone.value)}</ZoneButton>
        <span class="z">
          {w.replayClock(zoneName(played.at_ms, shownZone.value))}
          <br />
          {longDate(played.at_ms, lang, shownZone.value)}
        </span>
      </div>
    );
  const asOfMs = live.clock.value?.asOfMs;
  if (asOfMs === undefined) return <div class="asof" />;
  const isOld = health.kind === 'stale' || health.kind === 'reconnecting';
  return (
    <div class="asof">
      <span class={isOld ? 'clk prov' : 'clk'} data-as-of={asOfMs}>
        {clock(asOfMs, shownZone.value)}
      </span>
      <ZoneButton style="zn">{zoneName(asOfMs, shownZone.value)}</ZoneButton>
      <span class="z">
        {w.asOf(zoneName(asOfMs, shownZone.value))}
        <br />
        {w.asOfLine(longDate(asOfMs, lang, shownZone.value), seconds(Math.max(0, nowMs.value - asOfMs) / 1000, lang))}
      </span>
    </div>
  );
}

const VIEWS: readonly View[] = ['overview', 'port', 'measures', 'alerts', 'rules', 'replay'];

function useToAcknowledge(): number {
  const { live, nowMs } = usePage();
  return useComputed(
    () => [...live.alerts.value.values()].filter((alert) => needsAcknowledging(alert, nowMs.value)).length,
  ).value;
}

export function Header() {
  const { dialogs, connection } = usePage();
  const health = useHealth();
  const w = words.value;
  const current = route.value.view === 'map' ? 'overview' : route.value.view;
  const count = useToAcknowledge();
  return (
    <header class="top">
      <a class="brand" href={hrefOf('overview')}>
        <Mark />
        Quaywatch
      </a>
      <nav class="nav" aria-label={w.views}>
        {VIEWS.map((view) => (
          <a
            key={view}
            href={hrefOf(view, view === 'port' ? lastPort() : '')}
            class={current === view ? 'on' : ''}
            aria-current={current === view ? 'page' : undefined}
          >
            {w[view]}
            {view === 'alerts' && count > 0 && <span class="cnt">{count}</span>}
          </a>
        ))}
      </nav>
      <div class="sp" />
      <StateChip health={health} />
      <RunSwitch health={health} />
      <AsOf health={health} />
      <div class="tools">
        {connection.isSimulated.value && <span class="sim">{w.simulatedFeeds}</span>}
        <button type="button" class="tb find" aria-label={w.search} onClick={() => dialogs.show({ kind: 'search' })}>
          <FindIcon />
          <span class="find-word">{w.search}</span> <span class="kbd">/</span>
        </button>
        <ZoneButton style="tb zone">{w.zonesShort[shownChoice.value]}</ZoneButton>
        <button
          type="button"
          class="tb"
          lang={language.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => {
            language.value = language.value === 'zh' ? 'en' : 'zh';
          }}
        >
          {w.otherLanguage}
        </button>
        <button
          type="button"
          class="tb"
          aria-label={w.themes[theme.value]}
          title={w.themes[theme.value]}
          onClick={nextTheme}
        >
          <ThemeIcon />
        </button>
      </div>
    </header>
  );
}

let lastPortCode = 'CNSHA';

/** The port that was looked at last, so that the Port tab goes back to it. */
export function lastPort(): string {
  const { view, id } = route.value;
  if (view === 'port' && id !== '') lastPortCode = id;
  return lastPortCode;
}

const TABS = ['overview', 'map', 'measures', 'alerts', 'replay'] as const;

export function Tabs() {
  const w = words.value;
  const count = useToAcknowledge();
  return (
    <nav class="tabs" aria-label={w.views}>
      {TABS.map((view) => (
        <a
          key={view}
          href={hrefOf(view)}
          class={route.value.view === view ? 'on' : ''}
          aria-current={route.value.view === view ? 'page' : undefined}
        >
          <TabIcon name={view} />
          <span>
            {w[view]}
            {view === 'alerts' && count > 0 ? ` ${count}` : ''}
          </span>
        </a>
      ))}
    </nav>
  );
}
