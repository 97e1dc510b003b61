/** The figures behind the small charts as tables: the national rate by hour, the distance from the path by day, the calls at berth. */
import type { CallSummary } from '@quaywatch/contracts';
import { hourMinute, shortDate, signedWhole, terminalName, whole, ZONE, zoneNameOver } from '@quaywatch/words';
import type { ComponentChildren } from 'preact';
import { callKey } from '../calls.ts';
import { usePage } from '../context.tsx';
import { language, words } from '../settings.ts';
import { shownZone } from '../zone.ts';
import { Modal } from './modal.tsx';
import { useNationalSlots } from './national.tsx';
import { yearOnYear } from './pace.tsx';
import { Scroll } from './scroll.tsx';

type Column = { readonly name: string; readonly isNumber?: boolean };

/** @param rows a key and its cells, in the order of the columns. */
export function FigureTable({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: readonly Column[];
  rows: readonly { readonly key: string | number; readonly cells: readonly ComponentChildren[] }[];
}) {
  return (
    <table class="figures" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, isNumber = false }) => (
            <th key={name} scope="col" class={isNumber ? 'num' : ''}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, index) => (
              <td key={columns[index]?.name} class={columns[index]?.isNumber === true ? 'num' : ''}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const timeOf = (timeMs: number, zone: string) =>
  `${shortDate(timeMs, language.value, zone)} ${hourMinute(timeMs, zone)}`;

function National() {
  const { live } = usePage();
  const w = words.value;
  const zone = shownZone.value;
  const slots = useNationalSlots(live);
  const rows = [...slots].reverse().map(({ startMs, rate, expected, band }) => ({
    key: startMs,
    cells: [timeOf(startMs, zone), rate === null ? w.noData : whole(rate), whole(expected), whole(band)],
  }));
  const columns = [
    { name: w.columns.start(zoneNameOver(slots[0]?.startMs ?? 0, slots.at(-1)?.startMs ?? 0, zone)) },
    { name: w.unitRate, isNumber: true },
    { name: w.columns.expected, isNumber: true },
    { name: w.columns.band, isNumber: true },
  ];
  return (
    <section>
      <h3 class="h">{w.national24h}</h3>
      <FigureTable label={w.national24h} columns={columns} rows={rows} />
    </section>
  );
}

function Path() {
  const w = words.value;
  const series = yearOnYear.value?.path_series ?? [];
  const rows = [...series].reverse().map(({ day_ms, distance }) => ({
    key: day_ms,
    cells: [shortDate(day_ms, language.value, ZONE), signedWhole(distance)],
  }));
  return (
    <section>
      <h3 class="h">{w.pathChart}</h3>
      <FigureTable label={w.pathChart} columns={[{ name: w.day }, { name: 'TEU', isNumber: true }]} rows={rows} />
    </section>
  );
}

/** Behind the charts of the overview; the map's figures are the port table. */
export function Figures({ onClose }: { onClose: () => void }) {
  const w = words.value;
  const nation = usePage().live.nation.value;
  return (
    <Modal title={w.figuresBehind} onClose={onClose} isWide>
      <Scroll label={w.figuresBehind} more="pad two-tables">
        {nation === null ? <p class="empty">{w.awaiting}</p> : <National />}
        <Path />
      </Scroll>
    </Modal>
  );
}

export function CallTable({ calls }: { calls: readonly CallSummary[] }) {
  const w = words.value;
  const columns = [
    { name: w.columns.terminal },
    { name: w.vessel },
    { name: w.firstMove },
    { name: w.lastMove },
    { name: w.footer.moves, isNumber: true },
  ];
  const rows = calls.map((call) => ({
    key: callKey(call),
    cells: [
      `${terminalName(call.terminal, language.value)}${call.berth === '' ? '' : `, ${call.berth}`}`,
      `${call.mixed_trade ? '◇ ' : ''}${call.vessel}`,
      timeOf(call.first_move_ms, shownZone.value),
      timeOf(call.last_move_ms, shownZone.value),
      whole(call.moves),
    ],
  }));
  return <FigureTable label={w.atBerth} columns={columns} rows={rows} />;
}
