/** The table behind a chart: the same windows as figures, newest first, a page at a time. */

import type { WindowPoint } from '@quaywatch/contracts';
import { hourMinute, shortDate, whole, zoneNameOver } from '@quaywatch/words';
import { useState } from 'preact/hooks';

import { Scroll } from '../parts/scroll.tsx';
import { language, words } from '../settings.ts';

const perPage = 50;

export function PointTable({ points, label, zone }: { points: readonly WindowPoint[]; label: string; zone: string }) {
  const w = words.value;
  const [page, setPage] = useState(0);
  const newest = [...points].reverse();
  const pages = Math.max(1, Math.ceil(newest.length / perPage));
  const shown = newest.slice(page * perPage, (page + 1) * perPage);
  return (
    <div class="point-table">
      <Scroll label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                {w.columns.start(zoneNameOver(points[0]?.start_ms ?? 0, points.at(-1)?.start_ms ?? 0, zone))}
              </th>
              <th scope="col" class="num">
                {w.columns.actual}
              </th>
              <th scope="col" class="num">
                {w.columns.expected}
              </th>
              <th scope="col" class="num">
                {w.columns.band}
              </th>
              <th scope="col" class="num">
                {w.columns.lastYear}
              </th>
              <th scope="col" class="num">
                {w.columns.complete}
              </th>
              <th scope="col">{w.columns.revision}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((point) => (
              <tr key={point.start_ms}>
                <td>
                  {shortDate(point.start_ms, language.value, zone)} {hourMinute(point.start_ms, zone)}
                </td>
                <td class="num b">{point.teu === null ? w.noData : whole(point.teu)}</td>
                <td class="num">{whole(point.expected)}</td>
                <td class="num">{whole(point.band)}</td>
                <td class="num">{whole(point.last_year)}</td>
                <td class="num">{Math.round(point.completeness * 100)} %</td>
                <td class="mid">
                  {point.open === true ? w.chartWords.open : point.revision > 0 ? `r${point.revision}` : ''}
                  {point.was === undefined ? '' : ` (${whole(point.was)})`}
                  {point.backfilled === true ? ` ${w.chartWords.backfilled}` : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div class="ph">
        <button type="button" class="tb" disabled={page === 0} onClick={() => setPage(page - 1)}>
          ←
        </button>
        <span class="lab">
          {page + 1} / {pages}
        </span>
        <button type="button" class="tb" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
          →
        </button>
      </div>
    </div>
  );
}
