/** The chart of one port with its controls: window size, follow or pin, the table behind it. */

import { type Signal, useSignal } from '@preact/signals';
import type { WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS, portName } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import type { Span } from '../charts/chart-data.ts';
import { PointTable } from '../charts/point-table.tsx';
import { ThroughputChart } from '../charts/throughput-chart.tsx';
import { usePage } from '../context.tsx';

import { language, words } from '../settings.ts';

import { api } from '../wire/api.ts';
import { flagsOf } from './alert-flags.ts';

export const SIZES = { minute: 300, hour: 3600, day: 86400 } as const;
export type SizeName = keyof typeof SIZES;
const SPAN_MS: Readonly<Record<SizeName, number>> = { minute: DAY_MS, hour: 14 * DAY_MS, day: 200 * DAY_MS };
const NAMES: readonly SizeName[] = ['minute', 'hour', 'day'];

/** Asks for the history behind the snapshot, for the stretch on screen. */
function useHistory(code: string, sizeS: WindowPoint['size_s'], range: Span): void {
  const { live, connection } = usePage();
  const isOpen = connection.link.value.kind === 'open';
  // A quarter of an hour is fine enough to ask again, and keeps a following chart from asking all the time.
  const from = Math.floor(range.fromMs / (HOUR_MS / 4));
  const to = Math.ceil(range.toMs / (HOUR_MS / 4));
  useEffect(() => {
    if (!isOpen) return;
    void api
      .throughput({ port: code, size: sizeS, from: from * (HOUR_MS / 4), to: to * (HOUR_MS / 4) })
      .then((answer) => {
        if (answer.ok) live.putHistory(answer.value.windows);
      });
  }, [code, sizeS, from, to, isOpen, live]);
}

function Legend() {
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
    </span>
  );
}

function usePortKeys(choose: (name: SizeName) => void, toggle: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      const size = NAMES[Number(event.key) - 1];
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
  readonly size: Signal<SizeName>;
  readonly isTable: Signal<boolean>;
  readonly pinned: Signal<Span | null>;
  readonly range: Span;
  readonly choose: (name: SizeName) => void;
};

function Controls({ size, isTable, pinned, range, choose }: ControlProps) {
  const w = words.value;
  return (
    <div class="ph">
      <fieldset class="seg flush" aria-label={w.windowSize}>
        {NAMES.map((name) => (
          <button
            key={name}
            type="button"
            class={size.value === name ? 'on' : ''}
            aria-pressed={size.value === name}
            onClick={() => choose(name)}
          >
            {w.size[name]}
          </button>
        ))}
      </fieldset>
      <span class="lab">{w.sizeNote[size.value]}</span>
      <div class="sp" />
      <Legend />
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
          class={pinned.value === null ? 'on' : ''}
          aria-pressed={pinned.value === null}
          onClick={() => {
            pinned.value = null;
          }}
        >
          {w.follow}
        </button>
        <button
          type="button"
          class={pinned.value === null ? '' : 'on'}
          aria-pressed={pinned.value !== null}
          onClick={() => {
            pinned.value = range;
          }}
        >
          {w.pin}
        </button>
      </fieldset>
    </div>
  );
}

export function PortChart({ code }: { code: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const size = useSignal<SizeName>('minute');
  const pinned = useSignal<Span | null>(null);
  const isTable = useSignal(false);
  const sizeS = SIZES[size.value];
  const endMs = Math.ceil((live.clock.value?.asOfMs ?? nowMs.value) / 60_000) * 60_000;
  const range = pinned.value ?? { fromMs: endMs - SPAN_MS[size.value], toMs: endMs };
  useHistory(code, sizeS, range);
  const choose = (name: SizeName) => {
    size.value = name;
    pinned.value = null;
  };
  usePortKeys(choose, () => {
    isTable.value = !isTable.value;
  });
  const points = live.series(code, '', sizeS).value;
  const flags = flagsOf(live.alerts.value.values(), code, (id) => live.life(id).value);
  const label = w.portChart(portName(code, language.value), w.sizeNote[size.value]);
  return (
    <>
      <Controls size={size} isTable={isTable} pinned={pinned} range={range} choose={choose} />
      {isTable.value ? (
        <PointTable
          points={points.filter((point) => point.start_ms >= range.fromMs && point.start_ms <= range.toMs)}
          label={label}
        />
      ) : (
        <ThroughputChart
          points={points}
          sizeS={sizeS}
          range={range}
          nowMs={endMs}
          flags={flags}
          label={label}
          hasRibbon
          hasEndLabels
          onRange={(next) => {
            pinned.value = next;
          }}
        />
      )}
    </>
  );
}
