/** Rows of the ledger on their way out: settled days as they settle, open ones as they stand. */
import { type LedgerRow, PORTS, TERMINALS } from '@quaywatch/contracts';
import type { Outputs, PartitionState } from './partition-state.ts';
import { countsByOne, forgetGaps, skippedOn } from './sequences.ts';
import { accountsOf, type DayAccount, missingOf, type SourceAccount, settleAccount } from './source-account.ts';

/** `day` is a UTC+8 day's number; the run is the partition's. */
export type LedgerEntry = Omit<LedgerRow, 'run' | 'day'> & { readonly day: number };

/** How a day stands now: a function of the log up to the position, which is the row's version. */
function entryOf(state: PartitionState, account: SourceAccount, books: DayAccount, settled: boolean): LedgerEntry {
  const terminal = TERMINALS[account.terminalIndex];
  const skipped = skippedOn(account.sequences, books.day);
  const isCounting = !account.isMixed && (skipped > 0 || countsByOne(account.sequences));
  return {
    day: books.day,
    port: PORTS[terminal?.portIndex ?? -1]?.code ?? '',
    terminal: terminal?.code ?? '',
    source: account.source,
    version: state.position,
    known_at_ms: state.logTimeMs,
    settled,
    reports: books.reports,
    reported: missingOf(account, books) === null ? null : books.reported,
    told: books.told,
    counted: books.counted,
    shared: books.shared,
    duplicates: books.duplicates,
    late: books.late,
    superseded: books.superseded,
    retracted: books.retracted,
    missing: missingOf(account, books),
    sequence_gaps: isCounting ? skipped : null,
    rejected: { ...books.rejected },
  };
}

/** Closes a day's books: its rows are told for the last time, and it is forgotten. */
export function settleLedger(state: PartitionState, day: number, out: Outputs): void {
  for (const account of accountsOf(state)) {
    const books = settleAccount(state, account, day);
    if (books !== undefined) out.ledger?.push(entryOf(state, account, books, true));
    forgetGaps(account.sequences, day);
  }
}

/** Days that are open, where they have changed since `afterPosition`. */
export function openLedger(state: PartitionState, afterPosition: number): LedgerEntry[] {
  return accountsOf(state).flatMap((account) =>
    account.days
      .filter((books) => books.changedAt > afterPosition)
      .map((books) => entryOf(state, account, books, false)),
  );
}
