/**
 * What `detect ports` may know before the first row: last year's days and the calendar, from two CSV files of a folder.
 * Neither need be there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LastYear } from './alerting/series/calendar.ts';
import { type CalendarRow, dayOfIso, type Reference } from './detect-ports.ts';

/** Lines of a CSV file without its header; none when there is no such file. */
export function csvRows(folder: string, name: string): string[][] {
  const file = join(folder, name);
  if (folder === '' || !existsSync(file)) return [];
  const [, ...lines] = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').map((line) => line.split(','));
}

function lastYearsOf(rows: readonly string[][]): LastYear[] {
  const byPort = new Map<string, Map<number, number>>();
  for (const [date = '', port = '', teu = ''] of rows) {
    const day = dayOfIso(date);
    if (day === null || port === '' || !Number.isFinite(Number(teu))) continue;
    const days = byPort.get(port) ?? new Map<number, number>();
    byPort.set(port, days.set(day, Number(teu)));
  }
  return [...byPort].map(([port, days]) => {
    const [firstDay, lastDay] = [Math.min(...days.keys()), Math.max(...days.keys())];
    const teu = Array.from({ length: lastDay - firstDay + 1 }, (_, i) => days.get(firstDay + i) ?? Number.NaN);
    return { port, firstDay, teu };
  });
}

export function readReference(folder: string): Reference {
  const calendar = csvRows(folder, 'calendar.csv').map(
    ([from = '', to = '', port = '', kind = '']): CalendarRow => ({ from, to, port, kind }),
  );
  return { lastYears: lastYearsOf(csvRows(folder, 'history_daily.csv')), calendar };
}
