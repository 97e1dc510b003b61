/** Hands text to the reader as a file; a table as CSV, whose first line says what the figures are. */
import { isoTime } from '@quaywatch/words';

/** One CSV field: quoted where a comma, quote or line break would break the row. Null is an empty field, zero is 0. */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A moment in a file's name, with its zone: 2025-06-18T1432+0800. */
export function fileTime(timeMs: number, zone: string): string {
  const time = isoTime(timeMs, zone);
  return (time.slice(0, 16) + time.slice(19)).replaceAll(':', '');
}

export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveText(name: string, text: string, type: string): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

export function saveCsv(name: string, about: string, rows: readonly (readonly (string | number | null)[])[]): void {
  const lines = [csvField(about), ...rows.map((row) => row.map(csvField).join(','))];
  // The mark makes spreadsheet programs read the Chinese names as UTF-8.
  saveText(name, `\uFEFF${lines.join('\r\n')}\r\n`, 'text/csv');
}
