/** The port table: who needs a look first. Rows keep their place under the pointer and the focus; order settles every ten seconds. */

import { type Signal, signal, useComputed, useSignal } from '@preact/signals';
import { type AlertState, PORTS, type PortSummary } from '@quaywatch/contracts';
import {
  CLUSTERS,
  clusterName,
  compact,
  deviationPercent,
  portByCode,
  portName,
  signedPercent,
  whole,
} from '@quaywatch/words';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { byUrgency, deltaClass, needOf, stepOf } from '../deviation.ts';

import { go } from '../route.ts';
import { language, words } from '../settings.ts';
import type { World } from '../wire/store.ts';
import { dayNote } from '../zone.ts';
import { exportPorts } from './port-export.ts';
import { PortRow } from './port-row.tsx';
import { Scroll } from './scroll.tsx';
import { DeviationBar } from './spark.tsx';

export type Grouping = 'need' | 'rate' | 'cluster';
export type SortKey = 'name' | 'rate' | 'deviation' | 'today' | 'ytd' | 'yoy' | 'feed';
export type Group = { readonly title: string; readonly codes: readonly string[] };

const grouping = signal<Grouping>('need');
const sorting = signal<{ key: SortKey; isAscending: boolean }>({ key: 'rate', isAscending: false });
const filterText = signal('');
const isFilterShown = signal(false);
/** How often the filter was asked for: each time it takes the focus. */
const filterAsked = signal(0);
export const currentRow = signal<string | null>(null);
const SETTLE_MS = 10_000;

export function askFilter(): void {
  isFilterShown.value = true;
  filterAsked.value += 1;
}

export type Ranked = {
  readonly code: string;
  readonly port: PortSummary | null;
  readonly worst: AlertState | undefined;
};

function sortValue(entry: Ranked, key: SortKey): number | string | null {
  const { port } = entry;
  switch (key) {
    case 'name':
      return portName(entry.code, language.peek());
    case 'rate':
      return port?.rate ?? null;
    case 'deviation':
      return port === null ? null : deviationPercent(port.rate, port.expected);
    case 'today':
      return port?.today ?? null;
    case 'ytd':
      return port?.ytd ?? null;
    case 'yoy':
      return port?.yoy_pct ?? null;
    case 'feed':
      return port?.feed_age_s ?? null;
  }
}

/** No data goes last, whichever way the column is sorted. */
function compareRanked(a: Ranked, b: Ranked, key: SortKey, isAscending: boolean): number {
  const left = sortValue(a, key);
  const right = sortValue(b, key);
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order =
    typeof left === 'string' || typeof right === 'string'
      ? String(left).localeCompare(String(right), language.peek() === 'zh' ? 'zh-CN' : 'en')
      : left - right;
  return isAscending ? order : -order;
}

function groupPorts(entries: readonly Ranked[], by: Grouping, key: SortKey, isAscending: boolean): Group[] {
  const w = words.peek();
  const sorted = [...entries].sort((a, b) => compareRanked(a, b, key, isAscending));
  const codes = (list: readonly Ranked[]) => list.map((entry) => entry.code);
  if (by === 'rate') return [{ title: w.allByRate, codes: codes(sorted) }];
  if (by === 'cluster')
    return CLUSTERS.map((cluster) => ({
      title: clusterName(cluster, language.value),
      codes: codes(sorted.filter((entry) => portByCode(entry.code)?.clusterGroup === cluster)),
    }));
  const need = (entry: Ranked) => (entry.port === null ? 0 : needOf(entry.port, entry.worst));
  const urgent = entries
    .filter((entry) => need(entry) > 0)
    .sort((a, b) => need(b) - need(a) || Math.abs(b.worst?.size_teu ?? 0) - Math.abs(a.worst?.size_teu ?? 0));
  const others = sorted.filter((entry) => need(entry) === 0);
  return [
    { title: w.needsAttention, codes: codes(urgent) },
    { title: w.othersByRate, codes: codes(others) },
  ].filter((group) => group.codes.length > 0);
}

function rank(world: World): Ranked[] {
  const worst = new Map<string, AlertState>();
  for (const alert of byUrgency(world.alerts.peek().values()).reverse())
    if (alert.status !== 'pending') worst.set(alert.port, alert);
  return PORTS.map(({ code }) => ({ code, port: world.port(code).peek(), worst: worst.get(code) }));
}

/** Order of rows: at once when the reader asks, else every ten seconds unless the pointer or the focus is in the table. */
export function useGroups(world: World, isHeld: () => boolean): Signal<readonly Group[]> {
  const groups = useSignal<readonly Group[]>([]);
  const settle = () => {
    groups.value = groupPorts(rank(world), grouping.peek(), sorting.peek().key, sorting.peek().isAscending);
  };
  const hasFirst = useComputed(() => world.nation.value !== null && world.hasAlerts.value).value;
  const key = `${grouping.value} ${sorting.value.key} ${sorting.value.isAscending} ${language.value} ${hasFirst}`;
  useEffect(() => {
    // Rows come once and in their order: an order before the first figures and alerts would jump.
    if (!hasFirst) return;
    settle();
    const timer = setInterval(() => {
      if (!isHeld()) settle();
    }, SETTLE_MS);
    return () => clearInterval(timer);
  }, [key]);
  return groups;
}

function matchesFilter(code: string, text: string): boolean {
  const port = portByCode(code);
  const wanted = text.trim().toLowerCase();
  if (wanted === '' || port === undefined) return true;
  return [port.code, port.nameEn, port.nameZh, port.province, ...port.aliases].some((name) =>
    name.toLowerCase().includes(wanted),
  );
}

function Head({
  name,
  sortKey,
  isNumber = false,
  span,
}: {
  name: string;
  sortKey?: SortKey;
  isNumber?: boolean;
  span?: number;
}) {
  const isOn = sortKey !== undefined && sorting.value.key === sortKey;
  const arrow = isOn ? (sorting.value.isAscending ? ' ↑' : ' ↓') : '';
  const sort = isOn ? (sorting.value.isAscending ? 'ascending' : 'descending') : undefined;
  return (
    <th class={`${isNumber ? 'num' : ''} ${isOn ? 'sort' : ''}`} colSpan={span} aria-sort={sort} scope="col">
      {sortKey === undefined ? (
        name
      ) : (
        <button
          type="button"
          onClick={() => {
            sorting.value = { key: sortKey, isAscending: isOn ? !sorting.peek().isAscending : sortKey === 'name' };
          }}
        >
          {name}
          {arrow}
        </button>
      )}
    </th>
  );
}

function NationFoot() {
  const { live } = usePage();
  const w = words.value;
  const nation = live.nation.value;
  const status = live.status.value;
  if (nation === null) return null;
  const deviation = deviationPercent(nation.rate, nation.expected);
  return (
    <tfoot>
      <tr>
        <td>{w.nationRow(nation.ports_reporting, nation.ports_all)}</td>
        <td class="c-spark" />
        <td class="num">{whole(nation.rate)}</td>
        <td class="c-bar">
          <DeviationBar deviation={deviation} step={stepOf(deviation)} />
        </td>
        <td class={`num ${deltaClass(deviation)}`}>{signedPercent(deviation)}</td>
        <td class="num">{whole(nation.today)}</td>
        <td class="num">{compact(nation.ytd, language.value)}</td>
        <td class={`num ${deltaClass(nation.yoy.official_pct)}`}>{signedPercent(nation.yoy.official_pct)}</td>
        <td class="num c-wide" />
        <td>{status !== null && `${status.feeds.live}/${status.feeds.all}`}</td>
      </tr>
    </tfoot>
  );
}

function Bar() {
  const { connection, live } = usePage();
  const w = words.value;
  const input = useRef<HTMLInputElement>(null);
  // Asked for just now, and not when the reader comes back to a table that is still filtered.
  const asked = useRef(filterAsked.peek());
  // With the element, not after it is painted: a letter in between would be nobody's.
  useLayoutEffect(() => {
    if (filterAsked.value !== asked.current) input.current?.focus();
    asked.current = filterAsked.value;
  }, [filterAsked.value]);
  const option = (value: Grouping, name: string) => (
    <button
      type="button"
      class={grouping.value === value ? 'on' : ''}
      aria-pressed={grouping.value === value}
      onClick={() => {
        grouping.value = value;
      }}
    >
      {name}
    </button>
  );
  return (
    <div class="ph">
      <h2 class="h">{w.ports}</h2>
      <fieldset class="seg" aria-label={w.order}>
        {option('need', w.byNeed)}
        {option('rate', w.rate)}
        {option('cluster', w.cluster)}
      </fieldset>
      <div class="sp" />
      <span class="lab tick">{w.tick}</span>
      {isFilterShown.value ? (
        <input
          ref={input}
          class="in"
          type="search"
          value={filterText.value}
          aria-label={w.filter}
          placeholder={w.filter}
          onInput={(event) => {
            filterText.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            filterText.value = '';
            isFilterShown.value = false;
          }}
        />
      ) : (
        <button type="button" class="tb" onClick={askFilter}>
          {w.filter} <span class="kbd">F</span>
        </button>
      )}
      <button type="button" class="tb" onClick={() => exportPorts(live, connection.isSimulated.peek())}>
        CSV
      </button>
    </div>
  );
}

function NothingYet() {
  const { connection, live } = usePage();
  const w = words.value;
  return (
    <div class="empty">
      <p>
        {connection.link.value.kind === 'open' && live.nation.value !== null && live.clock.value === null
          ? w.noReports
          : w.awaiting}
      </p>
      <button type="button" class="bt" onClick={() => go('replay')}>
        {w.replayHalf}
      </button>
    </div>
  );
}

/** All rows in the order on screen, for J and K. */
export const visibleRows = signal<readonly string[]>([]);

export function PortTable() {
  const { live } = usePage();
  const w = words.value;
  const scroll = useRef<HTMLElement>(null);
  const groups = useGroups(live, () => scroll.current?.matches(':hover, :focus-within') === true).value;
  const shown = groups
    .map((group) => ({ ...group, codes: group.codes.filter((code) => matchesFilter(code, filterText.value)) }))
    .filter((group) => group.codes.length > 0);
  const rows = shown.flatMap((group) => group.codes).join(' ');
  useEffect(() => {
    visibleRows.value = rows === '' ? [] : rows.split(' ');
  }, [rows]);
  const hasAny = groups.length > 0 && live.clock.value !== null;
  return (
    <section class="tbl">
      <Bar />
      <Scroll label={w.ports} box={scroll}>
        <table aria-label={w.ports}>
          <thead>
            <tr>
              <Head name={w.port} sortKey="name" />
              <th class="c-spark" scope="col">
                {w.chart24}
              </th>
              <Head name={w.unitRate} sortKey="rate" isNumber />
              <Head name={w.versusExpected} sortKey="deviation" isNumber span={2} />
              <Head name={w.today + dayNote.value} sortKey="today" isNumber />
              <Head name={w.ytdShort} sortKey="ytd" isNumber />
              <Head name={w.yoyShort} sortKey="yoy" isNumber />
              <th class="num c-wide" scope="col">
                {w.boxes}
              </th>
              <Head name={w.feed} sortKey="feed" />
            </tr>
          </thead>
          {hasAny &&
            shown.map((group) => (
              <tbody key={group.title}>
                <tr class="gr">
                  <td colSpan={10}>
                    {group.title} <span class="dim">{group.codes.length}</span>
                  </td>
                </tr>
                {group.codes.map((code) => (
                  <PortRow key={code} code={code} world={live} isCurrent={currentRow.value === code} />
                ))}
              </tbody>
            ))}
          {hasAny && <NationFoot />}
        </table>
        {!hasAny && <NothingYet />}
        {hasAny && shown.length === 0 && (
          <div class="empty">
            <p>{w.filterFinds(filterText.value)}</p>
            <button
              type="button"
              class="bt"
              onClick={() => {
                filterText.value = '';
              }}
            >
              {w.clear}
            </button>
          </div>
        )}
      </Scroll>
    </section>
  );
}
