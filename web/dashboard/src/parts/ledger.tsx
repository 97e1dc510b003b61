/** The ledger of a port: what its sources say they moved, against what counts. One line, and behind it the days with their sources. */
import type { LedgerRow } from '@quaywatch/contracts';
import { terminalShort, whole } from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { api } from '../wire/api.ts';
import { type LedgerDay, type LedgerSums, ledgerDays, sumsOf } from './ledger-days.ts';
import { ledgerWords } from './ledger-words.ts';
import { Modal } from './modal.tsx';
import { Scroll } from './scroll.tsx';

const refreshMs = 30_000;

function useLedger(code: string): readonly LedgerDay[] | null {
  const { connection } = usePage();
  const isOpen = connection.link.value.kind === 'open';
  const [days, setDays] = useState<readonly LedgerDay[] | null>(null);
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    const load = () =>
      void api.ledger(code).then((answer) => {
        if (isWanted && answer.ok) setDays(ledgerDays(answer.value.ledger));
      });
    load();
    const timer = setInterval(load, refreshMs);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [code, isOpen]);
  return days;
}

/** What can still come is no alarm. */
function missingClass(missing: number | null, settled: boolean): string {
  return settled && missing !== null && missing > 0 ? 'num al b' : 'num';
}

type FigureName =
  | 'reports'
  | 'reported'
  | 'counted'
  | 'missing'
  | 'duplicates'
  | 'late'
  | 'retracted'
  | 'rejected'
  | 'gaps';

/** The figures in their order, each with its word. */
function figureHeads(): readonly (readonly [FigureName, string])[] {
  const l = ledgerWords.value;
  return [
    ['reports', l.reports],
    ['reported', l.reported],
    ['counted', l.counted],
    ['missing', l.missingHead],
    ['duplicates', l.duplicates],
    ['late', l.late],
    ['retracted', l.retracted],
    ['rejected', l.rejected],
    ['gaps', l.gaps],
  ];
}

function figureClass(name: FigureName, value: number | null, settled: boolean): string {
  if (name === 'counted') return 'num b';
  return name === 'missing' || name === 'gaps' ? missingClass(value, settled) : 'num';
}

function Figures({ sums, settled }: { sums: LedgerSums; settled: boolean }) {
  return (
    <>
      {figureHeads().map(([name, head]) => (
        <td key={name} class={figureClass(name, sums[name], settled)} data-head={head}>
          {whole(sums[name])}
        </td>
      ))}
    </>
  );
}

function Source({ row }: { row: LedgerRow }) {
  const reasons = Object.entries(row.rejected).map(
    ([reason, count]) => `${reason.replaceAll('_', ' ')} ${whole(count)}`,
  );
  return (
    <tr class="dim" title={reasons.join(', ')}>
      <td class="wrap">
        <span class="pc">{terminalShort(row.terminal)}</span> {row.source}
      </td>
      <Figures sums={sumsOf([row])} settled={row.settled} />
    </tr>
  );
}

function Day({ day }: { day: LedgerDay }) {
  const l = ledgerWords.value;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="tb" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? '−' : '+'} {day.day}
          </button>{' '}
          <span class="lab">
            {day.settled ? l.settled : l.open}, {l.sources(whole(day.rows.length))}
          </span>
        </th>
        <Figures sums={day} settled={day.settled} />
      </tr>
      {isOpen && day.rows.map((row) => <Source key={`${row.terminal} ${row.source}`} row={row} />)}
    </>
  );
}

function LedgerTable({ days }: { days: readonly LedgerDay[] }) {
  const l = ledgerWords.value;
  return (
    <Scroll label={l.title}>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{`${l.day}, ${l.source}`}</th>
            {figureHeads().map(([name, head]) => (
              <th scope="col" class="num" key={name}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <Day key={day.day} day={day} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function LedgerLine({ code }: { code: string }) {
  const { connection } = usePage();
  const l = ledgerWords.value;
  const days = useLedger(code);
  const [isShown, setShown] = useState(false);
  const newest = days?.[0];
  if (days === null) return null;
  const sum = (settled: boolean) =>
    days.reduce((all, day) => (day.settled === settled ? all + (day.missing ?? 0) : all), 0);
  const [missing, toCome] = [sum(true), sum(false)];
  const outstanding = missing > 0 ? l.missing(whole(missing)) : toCome > 0 ? l.toCome(whole(toCome)) : l.whole;
  const line =
    newest === undefined
      ? l.none
      : newest.reported === null
        ? l.lineUnknown(newest.day, whole(newest.counted))
        : l.line(newest.day, whole(newest.reported), whole(newest.counted));
  return (
    <div class="ph ledger-line">
      <span class="note">
        {line}
        {newest !== undefined && ' · '}
        {newest !== undefined && <span class={missing > 0 ? 'al b' : ''}>{outstanding}</span>}
      </span>
      {newest !== undefined && (
        <button type="button" class="tb" onClick={() => setShown(true)} aria-label={`${l.title}: ${l.show}`}>
          {l.show}
        </button>
      )}
      {isShown && (
        <Modal title={l.title} onClose={() => setShown(false)} isWide>
          <p class="note wrap">
            {l.note}
            {connection.isSimulated.value ? l.simulated : ''}
          </p>
          <LedgerTable days={days} />
        </Modal>
      )}
    </div>
  );
}
