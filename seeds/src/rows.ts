/**
 * The seed rows as ClickHouse takes them: JSON objects for the small tables, RowBinary for the hours.
 * It opens no connection.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { dayNumberOfDate, dayStartMs, HOUR_MS } from './calendar.ts';
import { HALF_YEARS } from './half-years.ts';
import { basisAt, expectedPortHour } from './profile.ts';
import { REFERENCES } from './reference.ts';
import { SEED_END_YEAR } from './tables.ts';
import { PORT_VOLUMES, TERMINAL_SHARES_PERMILLE } from './volumes.ts';

export type SeedRow = Readonly<Record<string, unknown>>;

export function portRows(): readonly SeedRow[] {
  return PORTS.map((port) => {
    const volume = PORT_VOLUMES[port.index];
    return {
      port: port.code,
      port_index: port.index,
      name_en: port.nameEn,
      name_zh: port.nameZh,
      province: port.province,
      cluster: port.cluster,
      cluster_group: port.clusterGroup,
      lat: port.lat,
      lon: port.lon,
      aliases: port.aliases,
      partition: port.partition,
      target_teu_2024h1: volume?.targetTeuH1Of2024,
      target_teu_2025h1: volume?.targetTeuH1Of2025,
      foreign_trade_share_assumed: volume?.foreignTradeShareAssumed,
      provenance: volume?.provenance,
    };
  });
}

export function terminalRows(): readonly SeedRow[] {
  return TERMINALS.map((terminal) => ({
    terminal: terminal.code,
    terminal_index: terminal.index,
    port: PORTS[terminal.portIndex]?.code,
    name_en: terminal.nameEn,
    lat: terminal.lat,
    lon: terminal.lon,
    is_ours: terminal.isOurs,
    share_permille_assumed: TERMINAL_SHARES_PERMILLE[terminal.index],
  }));
}

export function referenceRows(): readonly SeedRow[] {
  return REFERENCES.map((reference) => ({
    id: reference.id,
    scope: reference.scope,
    title_en: reference.titleEn,
    title_zh: reference.titleZh,
    from_date: reference.from,
    to_date: reference.to,
    days: reference.days,
    teu: reference.teu,
    growth_pct: reference.growthPct,
    provenance: reference.provenance,
    publisher: reference.publisher,
    source: reference.source,
  }));
}

const FIRST_HOUR_MS = dayStartMs(HALF_YEARS[0]?.firstDay ?? 0);
const HOURS = (dayStartMs(dayNumberOfDate(SEED_END_YEAR, 1, 1)) - FIRST_HOUR_MS) / HOUR_MS;

export const BASELINE_ROWS = PORTS.length * HOURS;

/** `baseline_hourly` in RowBinary (port, hour, teu_hundredths, basis), one chunk of about 0.8 MB a port. */
export function* baselineChunks(): Generator<Buffer> {
  for (const port of PORTS) {
    const chunk = Buffer.allocUnsafe(HOURS * 32);
    let end = 0;
    for (let hour = 0; hour < HOURS; hour += 1) {
      const timeMs = FIRST_HOUR_MS + hour * HOUR_MS;
      end = writeText(chunk, end, port.code);
      end = chunk.writeUInt32LE(timeMs / 1000, end);
      end = chunk.writeUInt32LE(expectedPortHour(port.index, timeMs), end);
      end = writeText(chunk, end, basisAt(timeMs));
    }
    yield chunk.subarray(0, end);
  }
}

/** A short ASCII text as RowBinary has it: length (one byte below 128), then the bytes. */
function writeText(chunk: Buffer, at: number, text: string): number {
  chunk[at] = text.length;
  return at + 1 + chunk.write(text, at + 1, 'latin1');
}
