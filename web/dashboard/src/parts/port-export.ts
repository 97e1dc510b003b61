/** The port table as a file: what it says on the first line is what the page says beside the figures. */

import { PORTS } from '@quaywatch/contracts';
import { deviationPercent, isoTime, zoneName } from '@quaywatch/words';
import { fileTime, saveCsv } from '../csv.ts';

import type { World } from '../wire/store.ts';
import { shownZone } from '../zone.ts';

export function exportPorts(world: World, isSimulated: boolean): void {
  const asOfMs = world.clock.peek()?.asOfMs ?? 0;
  const zone = shownZone.peek();
  const about = `Quaywatch: container throughput of ports, customs scope (import + export), TEU, rates over 60 closed minutes; year on year = official cumulative; ${isSimulated ? 'simulated' : 'real'} feeds; as of ${isoTime(asOfMs, zone)}; zone ${zoneName(asOfMs, zone)} (${zone}); today and the year are counted in UTC+8 days (Asia/Shanghai)`;
  const head = [
    'port',
    'name_en',
    'name_zh',
    'rate_teu_h',
    'expected_teu_h',
    'deviation_pct',
    'today_teu',
    'ytd_teu',
    'yoy_pct',
    'boxes_today',
    'feed',
    'feed_age_s',
    'completeness',
    'provisional',
  ];
  const rows = PORTS.map((place) => {
    const port = world.port(place.code).peek();
    const deviation = port === null ? null : deviationPercent(port.rate, port.expected);
    return [
      place.code,
      place.nameEn,
      place.nameZh,
      port?.rate ?? null,
      port?.expected ?? null,
      deviation === null ? null : Number(deviation.toFixed(2)),
      port?.today ?? null,
      port?.ytd ?? null,
      port?.yoy_pct ?? null,
      port?.boxes_today ?? null,
      port?.feed ?? null,
      port?.feed_age_s ?? null,
      port?.completeness ?? null,
      port === null ? null : String(port.provisional),
    ];
  });
  saveCsv(`quaywatch-ports-${fileTime(asOfMs, zone)}.csv`, about, [head, ...rows]);
}
