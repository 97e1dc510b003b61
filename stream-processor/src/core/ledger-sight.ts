/** What detection sees of a terminal's ledger: short days and skipped reports. */
import { TERMINALS } from '@quaywatch/contracts';
import type { ShortDaySight, SkippedSight, TerminalLedger } from '../alerting/ledger-gap.ts';
import type { TerminalState } from './partition-state.ts';
import { missingOf, type SourceAccount } from './source-account.ts';
import { dayStartMs } from './time.ts';

function shortDays(account: SourceAccount): ShortDaySight[] {
  const short: ShortDaySight[] = [];
  const add = (day: number, missing: number, reported: number, isSettled: boolean) =>
    short.push({ key: `${account.source} ${day}`, dayStartMs: dayStartMs(day), missing, reported, isSettled });
  for (const { day, missing, reported } of account.shorts) add(day, missing, reported, true);
  for (const books of account.days) {
    const missing = missingOf(account, books) ?? 0;
    if (missing > 0) add(books.day, missing, books.reported, false);
  }
  return short;
}

function skippedBy(account: SourceAccount): SkippedSight[] {
  if (account.isMixed) return [];
  return account.sequences.gaps.map(({ from, to, day, sinceMs }) => ({
    sinceMs,
    skipped: to - from + 1,
    reports: account.days.find((books) => books.day === day)?.reports ?? 0,
  }));
}

export function terminalLedger(terminal: TerminalState): TerminalLedger {
  return {
    terminal: TERMINALS[terminal.index]?.code ?? '',
    short: terminal.accounts.flatMap(shortDays),
    skipped: terminal.accounts.flatMap(skippedBy),
  };
}
