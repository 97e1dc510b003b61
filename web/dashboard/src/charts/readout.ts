/** What the chart says of the window under the cursor, for the eye and for the ear. Reads the reader's words; draws nothing. */
import { hourMinute, shortDate, whole } from '@quaywatch/words';
import { language, words } from '../settings.ts';
import { zoneOfWindows } from '../zone.ts';
import type { Columns } from './chart-data.ts';

/** @param index place in the columns; null: the cursor is nowhere. @param shown IANA zone that is shown. @returns '' for no window */
export function readoutOf(columns: Columns, index: number | null, sizeS: number, shown: string): string {
  const second = index === null ? undefined : columns.x[index];
  if (index === null || second === undefined) return '';
  const w = words.peek();
  const zone = zoneOfWindows(sizeS, shown);
  const time = `${shortDate(second * 1000, language.peek(), zone)} ${hourMinute(second * 1000, zone)}`;
  const point = columns.points[index];
  const isOpen = point?.open === true;
  const actual = columns.actual[index] ?? null;
  const tail = point !== undefined && point.revision > 0 ? ` · r${point.revision}` : '';
  return (
    w.readout(
      time,
      isOpen ? w.chartWords.open : actual === null ? w.noData : whole(actual),
      whole(columns.expected[index] ?? null),
    ) + tail
  );
}
