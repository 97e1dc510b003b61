/** The chart of one port with its controls: window size, follow or pin, the table behind it. */

import { type Signal, useComputed, useSignal } from '@preact/signals';
import { duration, MINUTE_MS, portName } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import type { Span } from '../charts/chart-data.ts';
import { first, rangeOf, SIZE_NAMES, SIZES, type SizeName, showing, zoomed } from '../charts/chart-window.ts';
import { PointTable } from '../charts/point-table.tsx';
import { ThroughputChart } from '../charts/throughput-chart.tsx';
import { usePage } from '../context.tsx';
import { isForPart } from '../key-press.ts';
import { language, words } from '../settings.ts';
import { zoneFor, zoneOfWindows } from '../zone.ts';
import { flagsOf } from './alert-flags.ts';
import { type ChartState, usePoints } from './chart-state.ts';

/** @param hasBackfilled what is hatched faintly is on screen. */
function Legend({ hasBackfilled }: { hasBackfilled: boolean }) {
  const { legend } = words.value;
  return (
    <span class="lab legend">
      <span>
        <svg width="20" height="8" aria-hidden="true">
          <path d="M0 4H20" stroke="var(--s-actual)" stroke-width="1.6" />
        </svg>
        {legend.actual}
      </span>
      <span>
        <svg width="20" height="9" aria-hidden="true">
          <rect width="20" height="9" fill="var(--s-band)" />
          <path d="M0 4.5H20" stroke="var(--s-expected)" stroke-dasharray="5 3" />
        </svg>
        {legend.expected}
      </span>
      <span>
        <svg width="20" height="8" aria-hidden="true">
          <path d="M0 4H20" stroke="var(--s-last)" stroke-width="1.5" stroke-dasharray="1.5 2.5" />
        </svg>
        {legend.lastYear}
      </span>
      <span>
        <svg width="20" height="8" aria-hidden="true">
          <path d="M0 4H20" stroke="var(--s-rev)" stroke-width="1.5" stroke-dasharray="2 2" />
        </svg>
        {legend.revised}
      </span>
      {hasBackfilled && (
        <span>
          <i class="hx swatch" aria-hidden="true" />
          {legend.backfilled}
        </span>
      )}
    </span>
  );
}

function usePortKeys(choose: (name: SizeName) => void, toggle: () => void): void {
  const { dialogs } = usePage();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isForPart(event, dialogs)) return;
      const size = SIZE_NAMES[Number(event.key) - 1];
      if (size !== undefined) choose(size);
      else if (event.key === 't') toggle();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}

type ControlProps = {
  readonly state: ChartState;
  readonly isTable: Signal<boolean>;
  readonly range: Span;
  readonly hasBackfilled: boolean;
};

function SizeChoice({ state }: { state: ChartState }) {
  const w = words.value;
  const { size } = state.shown.value;
  return (
    <fieldset class="seg flush" aria-label={w.windowSize}>
      {SIZE_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          class={size === name ? 'on' : ''}
          aria-pressed={size === name}
          onClick={() => {
            state.shown.value = first(name);
          }}
        >
          {w.size[name]}
        </button>
      ))}
    </fieldset>
  );
}

function Controls({ state, isTable, range, hasBackfilled }: ControlProps) {
  const w = words.value;
  const { size, pinned, lastMs } = state.shown.value;
  const lang = language.value;
  return (
    <div class="ph">
      <SizeChoice state={state} />
      <span class="lab">{w.sizeNote[size]}</span>
      <div class="sp" />
      <Legend hasBackfilled={hasBackfilled} />
      <button
        type="button"
        class="tb"
        aria-pressed={isTable.value}
        onClick={() => {
          isTable.value = !isTable.value;
        }}
      >
        {isTable.value ? w.chart : w.table} <span class="kbd">T</span>
      </button>
      <fieldset class="seg" aria-label={w.follow}>
        <button
          type="button"
          class={pinned === null ? 'on' : ''}
          aria-pressed={pinned === null}
          title={pinned === null ? w.followsLast(duration(lastMs, lang)) : w.backToNow}
          onClick={() => {
            state.shown.value = { ...state.shown.peek(), pinned: null };
          }}
        >
          {w.follow}
          {pinned !== null && <span class="kbd">0</span>}
        </button>
        <button
          type="button"
          class={pinned === null ? '' : 'on'}
          aria-pressed={pinned !== null}
          onClick={() => {
            state.shown.value = { ...state.shown.peek(), pinned: range };
          }}
        >
          {w.pin}
        </button>
      </fieldset>
    </div>
  );
}

function useShown(state: ChartState) {
  const { live, nowMs } = usePage();
  const { shown, brushed, isBrushing } = state;
  // By the minute: the chart does not follow every record.
  const endMs = useComputed(() => Math.ceil((live.clock.value?.asOfMs ?? nowMs.value) / MINUTE_MS) * MINUTE_MS).value;
  const range = rangeOf(shown.value, endMs);
  return {
    endMs,
    range,
    onRange: (next: Span | null) => {
      shown.value = next === null ? { ...shown.peek(), pinned: null } : showing(shown.peek(), next, endMs);
    },
    onZoom: (factor: number, at: number) => {
      shown.value = zoomed(shown.peek(), factor, at, endMs);
    },
    onBrush: (next: Span) => {
      brushed.value = { fromMs: Math.round(next.fromMs), toMs: Math.round(next.toMs) };
      isBrushing.value = false;
    },
  };
}

export function PortChart({ code, state }: { code: string; state: ChartState }) {
  const { live } = usePage();
  const w = words.value;
  const isTable = useSignal(false);
  const { endMs, range, onRange, onZoom, onBrush } = useShown(state);
  const { shown, brushed, isBrushing } = state;
  const { points, fromMs, failure, retry } = usePoints(code, shown.value, range);
  usePortKeys(
    (name) => {
      shown.value = first(name);
    },
    () => {
      isTable.value = !isTable.value;
    },
  );
  const flags = flagsOf(live.alerts.value.values(), code, (id) => live.life(id).value);
  const label = w.portChart(portName(code, language.value), w.sizeNote[shown.value.size]);
  const zone = zoneFor(code);
  const sizeS = SIZES[shown.value.size];
  const visible = points.filter((point) => point.start_ms >= range.fromMs && point.start_ms <= range.toMs);
  state.visible.current = visible;
  return (
    <>
      <Controls
        state={state}
        isTable={isTable}
        range={range}
        hasBackfilled={visible.some((point) => point.backfilled === true)}
      />
      {failure !== '' && (
        <p class="chart-failure" role="alert">
          {w.historyFailed(failure)}{' '}
          <button type="button" class="tb" onClick={retry}>
            {w.retry}
          </button>
        </p>
      )}
      {isTable.value ? (
        <PointTable points={visible} label={label} zone={zoneOfWindows(sizeS, zone)} />
      ) : (
        <ThroughputChart
          points={points}
          sizeS={sizeS}
          range={range}
          nowMs={endMs}
          flags={flags}
          label={label}
          zone={zone}
          storedFromMs={fromMs}
          hasRibbon
          hasEndLabels
          brushed={brushed.value}
          isBrushing={isBrushing.value}
          onRange={onRange}
          onZoom={onZoom}
          onBrush={onBrush}
        />
      )}
      {visible.length === 0 && !isTable.value && <p class="chart-empty">{w.nothingStored}</p>}
    </>
  );
}
