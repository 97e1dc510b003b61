/** The ledger out of storage. */
import { DATABASE, LEDGER_COUNTS, type LedgerRow } from '@quaywatch/contracts';

type Cell = string | number | null | Readonly<Record<string, number>>;
type Rows = (query: string, params: Readonly<Record<string, unknown>>) => Promise<readonly (readonly Cell[])[]>;

const daysShown = 5;
/** 85 terminals of 8 sources, and the partitions' own, for as many days. */
const rowsMax = 5_000;

function numberOrNull(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

function rowOf(run: string, cells: readonly Cell[]): LedgerRow {
  const [day, port, terminal, source, version, knownAt, settled, reported, missing, gaps, rejected, ...counts] = cells;
  return {
    run,
    day: String(day),
    port: String(port),
    terminal: String(terminal),
    source: String(source),
    version: Number(version),
    known_at_ms: Number(knownAt),
    settled: Number(settled) === 1,
    reported: numberOrNull(reported),
    missing: numberOrNull(missing),
    sequence_gaps: numberOrNull(gaps),
    rejected: Object(rejected),
    ...(Object.fromEntries(LEDGER_COUNTS.map((name, i) => [name, Number(counts[i])])) as Record<
      (typeof LEDGER_COUNTS)[number],
      number
    >),
  };
}

/** @param ask asks ClickHouse. @throws HistoryError */
export function storedLedger(ask: Rows) {
  return {
    /** Newest day first. Without a day: the newest five. */
    ledger: async (run: string, day: string | undefined, port: string | undefined): Promise<LedgerRow[]> => {
      const days =
        day === undefined
          ? `day > (SELECT max(day) FROM ${DATABASE}.ledger WHERE run = {run:String}) - ${daysShown}`
          : 'day = toDate({day:String})';
      const rows = await ask(
        `SELECT toString(day), port, terminal, source, version, toUnixTimestamp64Milli(known_at), settled, reported, missing,
          sequence_gaps, rejected, ${LEDGER_COUNTS.join(', ')}
        FROM ${DATABASE}.ledger FINAL
        WHERE run = {run:String} AND ${days} ${port === undefined ? '' : 'AND port = {port:String}'}
        ORDER BY ledger.day DESC, port, terminal, source LIMIT ${rowsMax}`,
        { run, day: day ?? '', port: port ?? '' },
      );
      return rows.map((cells) => rowOf(run, cells));
    },
  };
}
