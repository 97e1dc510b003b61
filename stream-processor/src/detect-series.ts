/**
 * `npm run -s detect -- series`: one score a line of `timestamp,value`, each written before the next line is needed.
 * Reads standard input to its end; decides nothing about the scores.
 */
import { createSeriesScorer } from './alerting/novelty/score-series.ts';
import { createComplaint, linesOf } from './detect-lines.ts';

export type SeriesRecord = { readonly eventTimeMs: number; readonly value: number };
export type DecodedLine =
  | ({ readonly ok: true } & SeriesRecord)
  | { readonly ok: false; readonly reason: 'no_comma' | 'bad_time' | 'bad_value' };

const timePattern = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?$/;

/** `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`, read as UTC; milliseconds since 1970. */
function decodeTime(text: string): number | undefined {
  const parts = timePattern.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** @param line `timestamp,value` without its line end. */
export function decodeLine(line: string): DecodedLine {
  const comma = line.indexOf(',');
  if (comma < 0) return { ok: false, reason: 'no_comma' };
  const eventTimeMs = decodeTime(line.slice(0, comma).trim());
  if (eventTimeMs === undefined) return { ok: false, reason: 'bad_time' };
  const text = line.slice(comma + 1).trim();
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return { ok: false, reason: 'bad_value' };
  return { ok: true, eventTimeMs, value };
}

/** A line that cannot be read scores 0 and leaves the memory as it is; the first is told on standard error. */
export async function runSeries(): Promise<void> {
  const score = createSeriesScorer();
  let lineNumber = 0;
  const complain = createComplaint();
  for await (const line of linesOf(process.stdin.setEncoding('utf8'))) {
    lineNumber++;
    const decoded = decodeLine(line);
    if (!decoded.ok) complain(lineNumber, line, `"YYYY-MM-DD HH:MM:SS,number" (${decoded.reason})`, 'scores 0');
    process.stdout.write(`${decoded.ok ? score(decoded.eventTimeMs, decoded.value).toFixed(6) : 0}\n`);
  }
}
