/** Hands a table to the reader as a CSV file. Its first line says what the figures are. */
import { csvField } from './format.ts';

export function saveCsv(name: string, about: string, rows: readonly (readonly (string | number | null)[])[]): void {
  const lines = [csvField(about), ...rows.map((row) => row.map(csvField).join(','))];
  // The mark makes spreadsheet programs read the Chinese names as UTF-8.
  const blob = new Blob([`\uFEFF${lines.join('\r\n')}\r\n`], { type: 'text/csv;charset=utf-8' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
