/** The nation in one figure: rate, how far from expected, which ports are in it, and its last 24 hours. */

import { useComputed } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import {
  CLUSTERS,
  clusterName,
  DAY_MS,
  dayStartMs,
  deviationPercent,
  hourMinute,
  MINUTE_MS,
  portName,
  signedPercent,
  sizePercent,
  whole,
} from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { deltaClass } from '../deviation.ts';
import { pastHours } from '../past-hours.ts';
import { language, words } from '../settings.ts';
import { type Slot, sumSlots } from '../slots.ts';

import type { World } from '../wire/store.ts';
import { shownZone } from '../zone.ts';
import { useHealth } from './header.tsx';
import { useTick } from './hooks.ts';
import { sparkPaths } from './spark.tsx';

export function useNationalSlots(world: World): readonly Slot[] {
  const past = useComputed(() => sumSlots(PORTS.map(({ code }) => pastHours(world, code).value)));
  return useComputed(() => {
    const clock = world.clock.value;
    if (clock === null) return [];
    const nation = world.nation.value;
    if (nation === null) return past.value;
    const { rate, expected, band } = nation;
    return [...past.value, { startMs: clock.asOfMs, rate, expected, band }];
  }).value;
}

export function DeviationLine({ rate, expected }: { rate: number | null; expected: number | null }) {
  const w = words.value;
  const deviation = deviationPercent(rate, expected);
  if (deviation === null) return <div class="dev dim">{w.noData}</div>;
  const shown = whole(expected);
  if (signedPercent(deviation) === '±0.0') return <div class="dev">{w.asExpected(shown)}</div>;
  return (
    <div class="dev">
      <span class={deltaClass(deviation)}>
        {deviation < 0 ? '▼' : '▲'} {sizePercent(deviation)}
      </span>{' '}
      <small>{deviation < 0 ? w.below(shown) : w.above(shown)}</small>
    </div>
  );
}

export function NationalChart({
  slots,
  asOfMs,
  width = 184,
  height = 128,
}: {
  slots: readonly Slot[];
  asOfMs: number;
  width?: number;
  height?: number;
}) {
  const w = words.value;
  const { actual, band, end } = sparkPaths(slots, { width, height: height - 20 }, true);
  const fromMs = asOfMs - DAY_MS;
  const midnight = dayStartMs(asOfMs, shownZone.value);
  const midnightX = 2 + ((midnight - fromMs) / DAY_MS) * (width - 4);
  const base = height - 16;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={w.national24h}>
      <path d={band} fill="var(--s-band)" />
      <path d={actual} fill="none" stroke="var(--s-actual)" stroke-width="1.4" stroke-linejoin="round" />
      {end !== null && (
        <circle cx={end[0]} cy={end[1]} r="2.6" fill="var(--surface)" stroke="var(--s-actual)" stroke-width="1.4" />
      )}
      <path d={`M2 ${base}H${width - 4}`} stroke="var(--rule-2)" />
      <text x="2" y={height - 4} class="axis">
        {hourMinute(fromMs, shownZone.value)}
      </text>
      {midnightX > 56 && midnightX < width - 50 && (
        <text x={midnightX} y={height - 4} class="axis" text-anchor="middle">
          00:00
        </text>
      )}
      <text x={width - 4} y={height - 4} class="axis" text-anchor="end">
        {w.now}
      </text>
    </svg>
  );
}

export function National() {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const nation = live.nation.value;
  const clock = live.clock.value;
  const health = useHealth();
  const ref = useTick(nation?.rate ?? null);
  const slots = useNationalSlots(live);
  const isOld = health.kind === 'stale';
  const names = (nation?.ports_left_out ?? []).map((code) => portName(code, lang));
  const list =
    names.length > 4
      ? `${names.slice(0, 3).join(lang === 'zh' ? '、' : ', ')} +${names.length - 3}`
      : names.join(lang === 'zh' ? '、' : ', ');
  return (
    <div class="natl">
      <div>
        <h1 class="lab">{w.scope(nation?.ports_all ?? PORTS.length)}</h1>
        <div class={isOld ? 'big mid' : health.kind === 'reconnecting' ? 'big prov' : 'big'}>
          <span ref={ref} data-testid="national-rate">
            {whole(nation?.rate ?? null)}
          </span>
          <span class="unit">{w.unitRate}</span>
        </div>
        {!isOld && <DeviationLine rate={nation?.rate ?? null} expected={nation?.expected ?? null} />}
        <p class="lab foot-note">
          {clock !== null &&
            w.closedMinutes(hourMinute(Math.floor(clock.watermarkMs / MINUTE_MS) * MINUTE_MS, shownZone.value))}{' '}
          {nation !== null && (names.length > 0 ? w.leftOut(list) : w.allReport(nation.ports_all))}
        </p>
      </div>
      <div class="chart">{clock !== null && <NationalChart slots={slots} asOfMs={clock.asOfMs} />}</div>
    </div>
  );
}

const CLUSTER_COLOURS = {
  yangtze: 'var(--c1)',
  pearl: 'var(--c2)',
  bohai: 'var(--c4)',
  south_coast: 'var(--c3)',
} as const;

export function Clusters() {
  const { live } = usePage();
  const w = words.value;
  const nation = live.nation.value;
  const rows = CLUSTERS.map((cluster) => ({
    cluster,
    of: nation?.by_cluster.find((entry) => entry.cluster === cluster),
  }));
  const total = rows.reduce((sum, { of }) => sum + (of?.rate ?? 0), 0);
  return (
    <section class="clu" aria-label={w.byCluster}>
      {rows.map(({ cluster, of }) => {
        const deviation = deviationPercent(of?.rate ?? null, of?.expected ?? null);
        const part = total > 0 ? (of?.rate ?? 0) / total : 0.25;
        return (
          <div key={cluster} style={{ '--part': part }}>
            <i style={{ background: CLUSTER_COLOURS[cluster] }} />
            <span>{clusterName(cluster, language.value)}</span>
            <b>{whole(of?.rate ?? null)}</b>{' '}
            <small class={deltaClass(deviation)}>{deviation === null ? '' : signedPercent(deviation)}</small>
          </div>
        );
      })}
    </section>
  );
}
