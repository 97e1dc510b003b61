/** The page on a wall: no controls, large type, the nation, the ports by need, and the open incidents in turn. Recovers by itself and reloads only for a new build. */
import { type AlertState, PORTS } from '@quaywatch/contracts';
import {
  alertAge,
  alertSize,
  alertTitle,
  clock,
  compact,
  deviationPercent,
  duration,
  hourMinute,
  longDate,
  portName,
  severityName,
  signedCompact,
  signedPercent,
  signedPercentUnit,
  sizePercent,
  whole,
  zoneName,
} from '@quaywatch/words';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { deltaClass, needsAcknowledging } from '../deviation.ts';
import { isForPage } from '../key-press.ts';
import { useHealth } from '../parts/header.tsx';
import { usePortSlots } from '../parts/hooks.ts';
import { Mark, SeverityIcon } from '../parts/icons.tsx';
import { useOpenAlerts } from '../parts/incidents.tsx';
import { pathOf } from '../parts/pace.tsx';
import { PortMap } from '../parts/port-map.tsx';
import { useGroups } from '../parts/port-table.tsx';
import { Spark } from '../parts/spark.tsx';
import { language, words } from '../settings.ts';
import { shownZone, zoneFor } from '../zone.ts';
import { setKiosk } from './mode.ts';
import { useNewBuild } from './new-build.ts';
import { turnOf } from './turns.ts';

/** Keeps the screen on where the browser can, again after each time the page was hidden. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    const hold = async () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    };
    void hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}

function StateWord() {
  const health = useHealth();
  const w = words.value;
  const lang = language.value;
  switch (health.kind) {
    case 'live':
      return <span class="k-chip live">● {w.liveWord}</span>;
    case 'connecting':
      return <span class="k-chip">{w.connecting}</span>;
    case 'empty':
      return <span class="k-chip">{w.noDataYet}</span>;
    case 'lagging':
      return <span class="k-chip lag">◐ {w.lagging(duration(health.lagMs, lang))}</span>;
    case 'reconnecting':
      return <span class="k-chip rec">{w.reconnecting(health.attempt, duration(health.inMs, lang))}</span>;
    case 'stale':
      return <span class="k-chip stale">{w.stale(duration(health.ageMs, lang))}</span>;
    case 'paused':
      return <span class="k-chip">❙❙ {w.paused(whole(health.waiting))}</span>;
  }
}

function Top() {
  const { live, connection } = usePage();
  const w = words.value;
  const lang = language.value;
  const asOfMs = live.clock.value?.asOfMs;
  return (
    <header class="k-top">
      <Mark />
      <b>Quaywatch</b>
      <StateWord />
      <span class="k-scope">
        {w.scope(live.nation.value?.ports_all ?? PORTS.length)}
        {connection.isSimulated.value ? `${w.comma}${w.simulated}` : ''}
      </span>
      <div class="sp" />
      {asOfMs !== undefined && (
        <>
          <span class="mid">{longDate(asOfMs, lang, shownZone.value)}</span>
          <span class="k-clock">{clock(asOfMs, shownZone.value)}</span>
          <span class="mid">{zoneName(asOfMs, shownZone.value)}</span>
        </>
      )}
    </header>
  );
}

function Nation() {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const nation = live.nation.value;
  const isOld = useHealth().kind === 'stale';
  const deviation = deviationPercent(nation?.rate ?? null, nation?.expected ?? null);
  const path = pathOf(nation);
  const row = (name: string, value: string, style = '') => (
    <div>
      <dt>{name}</dt>
      <dd class={style}>{value}</dd>
    </div>
  );
  return (
    <section class="k-nation">
      <h1 class="sr">{w.scope(nation?.ports_all ?? PORTS.length)}</h1>
      <div>
        <div class={isOld ? 'k-rate mid' : 'k-rate'}>
          {whole(nation?.rate ?? null)} <small>{w.unitRate}</small>
        </div>
        {!isOld && deviation !== null && (
          <div class="k-dev">
            <b class={deltaClass(deviation)}>
              {deviation < 0 ? '▼' : '▲'} {sizePercent(deviation)}
            </b>{' '}
            {deviation < 0 ? w.below(whole(nation?.expected ?? null)) : w.above(whole(nation?.expected ?? null))}
          </div>
        )}
        {nation !== null && nation.ports_left_out.length > 0 && (
          <div class="k-out">
            {w.leftOut(nation.ports_left_out.map((code) => portName(code, lang)).join(lang === 'zh' ? '、' : ', '))}
          </div>
        )}
      </div>
      <dl>
        {row(w.ytdShort, compact(nation?.ytd ?? null, lang))}
        {row(
          w.yoyOfficial,
          signedPercentUnit(nation?.yoy.official_pct ?? null),
          deltaClass(nation?.yoy.official_pct ?? null),
        )}
        {row(w.againstPath, signedCompact(path?.distance ?? null, lang))}
        {row(w.neededADay, compact(path?.needed_per_day ?? null, lang))}
      </dl>
    </section>
  );
}

function Row({ code, worst }: { code: string; worst: AlertState | undefined }) {
  const { live } = usePage();
  const w = words.value;
  const port = live.port(code).value;
  const slots = usePortSlots(live, code);
  const deviation = deviationPercent(port?.rate ?? null, port?.expected ?? null);
  const silentSince =
    port?.rate === null && port.feed_age_s !== null
      ? hourMinute((live.clock.value?.asOfMs ?? 0) - port.feed_age_s * 1000, zoneFor(code))
      : '';
  return (
    <tr class={worst?.severity === 'critical' ? 'act' : ''} data-port={code}>
      <td class="b">{portName(code, language.value)}</td>
      {port?.rate === null ? (
        <td colSpan={3} class="hx">
          <span class="nd">{silentSince === '' ? w.noFeed : w.silentSince(silentSince)}</span>
        </td>
      ) : (
        <>
          <td>
            <Spark slots={slots} width={220} height={30} />
          </td>
          <td class="num b">{whole(port?.rate ?? null)}</td>
          <td class={`num b ${deltaClass(deviation)}`}>{signedPercent(deviation)}</td>
        </>
      )}
      <td class={`num ${deltaClass(port?.yoy_pct ?? null)}`}>{signedPercent(port?.yoy_pct ?? null)}</td>
    </tr>
  );
}

const ROW_PX = 46;
const HEAD_PX = 34;

/** Height of an element as it is laid out: what stands under it changes with the incidents. */
function useHeight(otherwise: number): [RefObject<HTMLElement | null>, number] {
  const ref = useRef<HTMLElement>(null);
  const [height, setHeight] = useState(otherwise);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, height];
}

function Ports({ alerts }: { alerts: readonly AlertState[] }) {
  const { live } = usePage();
  const w = words.value;
  const groups = useGroups(live, () => false).value;
  const [ref, height] = useHeight(480);
  const rows = Math.max(3, Math.floor((height - HEAD_PX) / ROW_PX));
  const codes = groups.flatMap((group) => group.codes).slice(0, rows);
  return (
    <section class="k-ports" ref={ref}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.port}</th>
            <th scope="col">{w.day24}</th>
            <th scope="col" class="num">
              {w.unitRate}
            </th>
            <th scope="col" class="num">
              {w.versusExpectedShort}
            </th>
            <th scope="col" class="num">
              {w.yoyShort}
            </th>
          </tr>
        </thead>
        <tbody>
          {codes.map((code) => (
            <Row key={code} code={code} worst={alerts.find((alert) => alert.port === code)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** One open incident after another, the worst with two turns in each round; while some ask to act, only those. */
function Incident({ alerts }: { alerts: readonly AlertState[] }) {
  const { nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const isStale = useHealth().kind === 'stale';
  const toAct = alerts.filter((one) => needsAcknowledging(one, nowMs.value));
  const inTurn = toAct.length > 0 ? toAct : alerts;
  const alert = inTurn[turnOf(inTurn.length, nowMs.value)];
  if (isStale) return <footer class="k-incident calm">{w.hiddenWhileStale}</footer>;
  if (alert === undefined) return <footer class="k-incident calm">{w.nothingOpen}</footer>;
  const size = alertSize(alert, lang);
  const isAct = needsAcknowledging(alert, nowMs.value);
  return (
    <footer class={isAct ? 'k-incident act' : 'k-incident'} data-alert={alert.alert_id}>
      <SeverityIcon severity={alert.severity} size={52} label={severityName(alert.severity, lang)} />
      <div>
        <b>{alertTitle(alert, lang)}</b>
        <span>
          {size === null ? w.sizeUnknown : `${size.size} ${size.rest}`}
          {' · '}
          {alert.acknowledged === null ? w.notAcknowledged : w.seenBy(alert.acknowledged.by)}
          {alerts.length > 1 ? ` · ${w.turn(alerts.indexOf(alert) + 1, alerts.length)}` : ''}
        </span>
      </div>
      <b class="k-age">{alertAge(alert, nowMs.value, lang)}</b>
    </footer>
  );
}

export function KioskView() {
  useWakeLock();
  const { live, dialogs } = usePage();
  const alerts = useOpenAlerts(live);
  useNewBuild(alerts);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // The token is asked for on a wall too, and may have a K.
      if (!['Escape', 'k', 'K'].includes(event.key) || !isForPage(event, dialogs)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      setKiosk(false);
    };
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, [dialogs]);
  return (
    <main class="kiosk">
      <Top />
      <section class="k-map">
        <PortMap />
      </section>
      <Nation />
      <Ports alerts={alerts} />
      <Incident alerts={alerts} />
    </main>
  );
}
