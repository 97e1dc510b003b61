/** One column for a phone: the nation, the worst incident, ports by need. Same figures, same words. */

import { PORTS } from '@quaywatch/contracts';
import {
  alertAge,
  alertSize,
  alertTitle,
  compact,
  deviationPercent,
  duration,
  portName,
  severityName,
  signedCompact,
  signedPercent,
  signedPercentUnit,
  sizePercent,
  whole,
} from '@quaywatch/words';
import { useRef } from 'preact/hooks';

import { usePage } from '../context.tsx';
import { deltaClass, needsAcknowledging } from '../deviation.ts';

import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import type { World } from '../wire/store.ts';
import { useHealth } from './header.tsx';
import { usePortSlots, useTick } from './hooks.ts';
import { SeverityIcon } from './icons.tsx';
import { NothingOpen, useOpenAlerts } from './incidents.tsx';
import { NationalChart, useNationalSlots } from './national.tsx';
import { pathOf } from './pace.tsx';
import { useGroups } from './port-table.tsx';
import { Spark } from './spark.tsx';

function Top() {
  const { live, connection, dialogs } = usePage();
  const w = words.value;
  const nation = live.nation.value;
  const lang = language.value;
  const slots = useNationalSlots(live);
  const clock = live.clock.value;
  const ref = useTick(nation?.rate ?? null);
  const isOld = useHealth().kind === 'stale';
  const deviation = deviationPercent(nation?.rate ?? null, nation?.expected ?? null);
  return (
    <section class="m-top">
      <div class="m-lab lab">
        <h1 class="lab">{w.scope(nation?.ports_all ?? PORTS.length)}</h1>
        <span class="sp" />
        {connection.isSimulated.value && <span>{w.simulated}</span>}
        <button type="button" class="as-link" onClick={() => dialogs.show({ kind: 'figures' })}>
          {w.table}
        </button>
      </div>
      <div class="m-natl">
        <div>
          <div class={isOld ? 'big mid' : 'big'}>
            <span ref={ref}>{whole(nation?.rate ?? null)}</span>
          </div>
          {!isOld && deviation !== null && (
            <div class="dev">
              <span class={deltaClass(deviation)}>
                {deviation < 0 ? '▼' : '▲'} {sizePercent(deviation)}
              </span>{' '}
              <small>{w.rateAndExpected(whole(nation?.expected ?? null))}</small>
            </div>
          )}
        </div>
        {clock !== null && <NationalChart slots={slots} asOfMs={clock.asOfMs} width={150} height={86} />}
      </div>
      <dl class="m-kpi">
        <div>
          <dt>{w.ytdShort}</dt>
          <dd>{compact(nation?.ytd ?? null, lang)}</dd>
        </div>
        <div>
          <dt>{w.yoyOfficialShort}</dt>
          <dd class={deltaClass(nation?.yoy.official_pct ?? null)}>
            {signedPercentUnit(nation?.yoy.official_pct ?? null)}
          </dd>
        </div>
        <div>
          <dt>{w.againstPath}</dt>
          <dd>{signedCompact(pathOf(nation)?.distance ?? null, lang)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Worst() {
  const { live, dialogs, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const open = useOpenAlerts(live);
  const alert = open[0];
  if (alert === undefined) return live.hasAlerts.value ? <NothingOpen world={live} /> : null;
  const size = alertSize(alert, lang);
  const isUrgent = needsAcknowledging(alert, nowMs.value);
  return (
    <article class={isUrgent ? 'it s1 m-it' : 'it m-it'}>
      <SeverityIcon severity={alert.severity} label={severityName(alert.severity, language.value)} />
      <h2 class="ttl">
        <a href={hrefOf('alerts', alert.alert_id)}>{alertTitle(alert, lang)}</a>
        <span class="age">{alertAge(alert, nowMs.value, lang)}</span>
      </h2>
      <p>
        <span class="sz">{size?.size ?? w.sizeUnknown}</span> {size?.rest}
      </p>
      <div class="acts">
        {alert.acknowledged === null && (
          <>
            <button
              type="button"
              class={isUrgent ? 'bt pri' : 'bt'}
              onClick={() => dialogs.show({ kind: 'acknowledge', alertId: alert.alert_id })}
            >
              {w.acknowledge}
            </button>
            <button type="button" class="bt" onClick={() => dialogs.show({ kind: 'silence', alertId: alert.alert_id })}>
              {w.silence}
            </button>
          </>
        )}
        <span class="sp" />
        {open.length > 1 && <a href={hrefOf('alerts')}>{w.moreOpen(open.length - 1)}</a>}
      </div>
    </article>
  );
}

function Row({ code, world }: { code: string; world: World }) {
  const w = words.value;
  const lang = language.value;
  const port = world.port(code).value;
  const slots = usePortSlots(world, code);
  const deviation = deviationPercent(port?.rate ?? null, port?.expected ?? null);
  const isSilent = port !== null && port.rate === null;
  return (
    <button type="button" class="mrow" onClick={() => go('port', code)}>
      <span>
        <b>{portName(code, lang)}</b>
        <small>{code}</small>
      </span>
      {isSilent ? <span class="hx m-hx" /> : <Spark slots={slots} />}
      <span class="num rate">
        <span class={port?.provisional === true ? 'prov' : ''}>{whole(port?.rate ?? null)}</span>
      </span>
      <span class="num">
        {isSilent ? (
          <>
            <span class="al">{port.feed === 'none' ? w.noFeed : w.terminalStates.silent}</span>
            <small class="al">{port.feed_age_s === null ? '' : duration(port.feed_age_s * 1000, lang)}</small>
          </>
        ) : (
          <>
            <b class={deltaClass(deviation)}>{signedPercent(deviation)}</b>
            <small>{w.ofExpected(whole(port?.expected ?? null))}</small>
          </>
        )}
      </span>
    </button>
  );
}

export function Mobile() {
  const { live } = usePage();
  const w = words.value;
  const list = useRef<HTMLElement>(null);
  const groups = useGroups(live, () => list.current?.matches(':hover, :focus-within') === true).value;
  // What has not come yet stands under what has: nothing is pushed down later.
  const isReady = groups.length > 0 && live.clock.value !== null;
  return (
    <main class="v-mobile">
      <Top />
      {!isReady && <p class="empty">{w.awaiting}</p>}
      {isReady && <Worst />}
      {isReady && (
        <section ref={list}>
          <div class="m-head">
            <h2 class="h">{`${w.ports} · ${w.byNeed}`}</h2>
            <span class="lab">
              {w.unitRate} · {w.versusExpected}
            </span>
          </div>
          {groups
            .flatMap((group) => group.codes)
            .map((code) => (
              <Row key={code} code={code} world={live} />
            ))}
        </section>
      )}
    </main>
  );
}
