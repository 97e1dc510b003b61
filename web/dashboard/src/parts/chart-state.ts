/** What a port's chart shows and what is brushed, kept in the address without a step of history, and the windows behind it. */
import { type Signal, useSignal } from '@preact/signals';
import type { WindowPoint } from '@quaywatch/contracts';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Span } from '../charts/chart-data.ts';
import { askedOf, queryOf, type Shown, SIZES, shownOf } from '../charts/chart-window.ts';
import { usePage } from '../context.tsx';
import { hrefOf, parseRoute, route } from '../route.ts';
import { api } from '../wire/api.ts';
import { upsertPoints } from '../wire/store.ts';

export type ChartState = {
  readonly shown: Signal<Shown>;
  /** The stretch that is explained; null: the last 60 minutes or the open incident. */
  readonly brushed: Signal<Span | null>;
  /** The next drag brushes instead of zooming. */
  readonly isBrushing: Signal<boolean>;
  /** The windows on screen, for exports. */
  readonly visible: { current: readonly WindowPoint[] };
};

function spanOf(text: string | null): Span | null {
  const [from = 0, to = 0] = (text ?? '').split('-').map(Number);
  return from > 0 && to > from ? { fromMs: from, toMs: to } : null;
}

export function useChartState(code: string): ChartState {
  const { query } = route.peek();
  const shown = useSignal<Shown>(shownOf(query));
  const brushed = useSignal<Span | null>(spanOf(query.get('explain')));
  const isBrushing = useSignal(false);
  const said = useRef(location.hash);
  // A link to another stretch of the same port is followed; what this page wrote into the address itself is known already.
  const current = route.value;
  useEffect(() => {
    if (location.hash === said.current || current.view !== 'port' || current.id !== code) return;
    said.current = location.hash;
    shown.value = shownOf(current.query);
    brushed.value = spanOf(current.query.get('explain'));
  }, [current, code]);
  useEffect(() => {
    const span = brushed.value;
    const explain: Record<string, string> =
      span === null ? {} : { explain: `${Math.round(span.fromMs)}-${Math.round(span.toMs)}` };
    const hash = hrefOf('port', code, { ...queryOf(shown.value), ...explain });
    // The address may already lead elsewhere while this view is still there.
    const there = parseRoute(location.hash);
    if (there.view !== 'port' || there.id !== code || hash === location.hash) return;
    said.current = hash;
    history.replaceState(history.state, '', hash);
  }, [shown.value, brushed.value, code]);
  const visible = useRef<readonly WindowPoint[]>([]);
  return { shown, brushed, isBrushing, visible };
}

/** More windows than this are not kept for one chart. */
const heldMax = 6_000;

const NONE: readonly WindowPoint[] = [];

type Held = {
  readonly key: string;
  readonly points: readonly WindowPoint[];
  /** Storage was asked from here on. */
  readonly fromMs: number;
  readonly failure: string;
};

const nothingOf = (key: string): Held => ({ key, points: NONE, fromMs: Number.POSITIVE_INFINITY, failure: '' });

/** Windows of the stretch on screen: stored ones, which are asked for, and over them what the socket brings. */
export function usePoints(
  code: string,
  shown: Pick<Shown, 'size'>,
  range: Span,
): Held & { readonly retry: () => void } {
  const { live, connection } = usePage();
  const sizeS = SIZES[shown.size];
  const key = `${code}/${sizeS}`;
  const held = useSignal<Held>(nothingOf(key));
  const attempt = useSignal(0);
  const isOpen = connection.link.value.kind === 'open';
  const { from, to } = askedOf(sizeS, range);
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    // A wheel asks for many stretches on its way to one.
    const timer = setTimeout(async () => {
      const answer = await api.throughput({ port: code, size: sizeS, from, to });
      if (!isWanted) return;
      const before = held.peek().key === key ? held.peek() : nothingOf(key);
      held.value = answer.ok
        ? {
            key,
            points: upsertPoints(before.points, answer.value.windows, heldMax),
            fromMs: Math.min(before.fromMs, from),
            failure: '',
          }
        : { ...before, failure: answer.message === '' ? String(answer.status) : answer.message };
    }, 120);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [key, from, to, isOpen, attempt.value]);
  const { points: stored, fromMs, failure } = held.value.key === key ? held.value : nothingOf(key);
  const fresh = live.series(code, '', sizeS).value;
  const points = useMemo(() => upsertPoints(stored, fresh, heldMax), [stored, fresh]);
  return {
    key,
    points,
    fromMs,
    failure,
    retry: () => {
      attempt.value += 1;
    },
  };
}
