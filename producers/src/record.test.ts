import { PORTS, RECORDING_COMPLETE_HEADER, type ScenarioEvent, SIZE_TYPES, TERMINALS } from '@quaywatch/contracts';
import { dayNumberOfDate, dayStartMs } from '@quaywatch/seeds';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createFeeds } from './feed/feeds.ts';
import { latenessMsMax } from './feed/imperfections.ts';
import { createMemorySink, readAll, type Sent, type Told } from './feed/oracle.testing.ts';
import { type Ledger, record, recordingEndMs } from './record.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });
const seed = Number(process.env['SEED'] ?? 7);
const fromDay = dayNumberOfDate(2025, 3, 3);
const toDay = dayNumberOfDate(2025, 3, 6);

async function run(events: readonly ScenarioEvent[] = [], isImperfect = true, theSeed = seed, to = toDay) {
  const feeds = createFeeds({ seed: theSeed, events, givesBack: true, isImperfect });
  const sink = createMemorySink();
  const ledger = await record({ name: 'test', fromDay, toDay: to, scenario: 'test', feeds, sink });
  return { feeds, sent: sink.sent, ledger };
}

/** Every move of the plans, in the oracle's words. */
function planned(feeds: ReturnType<typeof createFeeds>, from = fromDay, to = toDay): Map<string, string> {
  const owners = new Map<string, string>();
  for (const terminal of TERMINALS) {
    for (let day = from; day < to; day++) {
      const plan = feeds.planOf(terminal.index, day);
      for (let i = 0; i < plan.count; i++) {
        const number = `QW${'ABCDEFGHJKLM'[plan.owner[i] ?? 0]}U${String(plan.serial[i]).padStart(7, '0')}`;
        const flags = plan.flags[i] ?? 0;
        const call = plan.calls[plan.call[i] ?? 0]?.id;
        const key = [terminal.code, number, flags & 3, call, plan.startS + (plan.timeS[i] ?? 0)].join('|');
        if (owners.has(key)) throw new Error(`${key} happens twice`);
        owners.set(key, `${SIZE_TYPES[plan.sizeType[i] ?? 0]?.teuHundredths}|${flags}`);
      }
    }
  }
  return owners;
}

function differences(told: Told, plan: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [key, value] of plan)
    if (told.moves.get(key) !== value) found.push(`${key}: ${value} told ${told.moves.get(key)}`);
  for (const key of told.moves.keys()) if (!plan.has(key)) found.push(`${key}: never happened`);
  return found.slice(0, 5);
}

describe(`a recording of three days (SEED=${seed})`, () => {
  let sent: readonly Sent[] = [];
  let ledger: Ledger;
  let told: Told;
  let feeds: ReturnType<typeof createFeeds>;
  beforeAll(async () => {
    ({ sent, ledger, feeds } = await run());
    told = readAll(sent);
  });

  test('every move that happened is told once in the end, and none that did not', () => {
    expect(differences(told, planned(feeds))).toEqual([]);
    expect(told.moves.size).toBe(ledger.moves);
    expect(told.headlineTeu).toBe(ledger.teu);
    expect(told.wrongDigits).toBe(0);
  });

  test('nothing is later than a day can wait', () => {
    expect(told.latenessMs).toBeGreaterThan(8 * 3_600_000);
    expect(told.latenessMs).toBeLessThanOrEqual(latenessMsMax);
  });

  test('imperfections have their shares and the ledger counts them', () => {
    expect(ledger.duplicates / ledger.moves).toBeGreaterThan(0.012);
    expect(ledger.duplicates / ledger.moves).toBeLessThan(0.03);
    expect(ledger.late / ledger.moves).toBeGreaterThan(0.005);
    expect(ledger.late / ledger.moves).toBeLessThan(0.016);
    expect(told.unreadable).toBe(ledger.malformed);
    expect(told.refusedReports).toBe(ledger.strangers);
    expect(told.refusedEntries).toBe(ledger.bad_entries);
    expect(told.inFuture).toBe(ledger.in_future);
    expect(told.repeated).toBe(ledger.duplicates);
    expect(sent.filter((one) => one.bytes !== undefined).length).toBe(ledger.reports);
  });

  test('each partition is in order of arrival and holds its own ports', () => {
    const newest = new Map<number, number>();
    for (const one of sent) {
      expect(one.timestampMs).toBeGreaterThanOrEqual(newest.get(one.partition) ?? 0);
      newest.set(one.partition, one.timestampMs);
      if (one.bytes !== undefined) expect(PORTS.find((port) => port.code === one.key)?.partition).toBe(one.partition);
    }
  });

  test('it begins with a heartbeat a terminal and ends two cadences after the last day has settled, with its marker', () => {
    const startMs = dayStartMs(fromDay);
    expect(sent.filter((one) => one.timestampMs === startMs && one.bytes !== undefined).length).toBe(TERMINALS.length);
    expect(recordingEndMs(toDay)).toBe(dayStartMs(toDay) + 49 * 3_600_000);
    const last = sent.filter((one) => one.timestampMs === recordingEndMs(toDay));
    expect(last.filter((one) => one.bytes !== undefined).length).toBe(TERMINALS.length);
    const markers = sent.slice(-12);
    expect(new Set(markers.map((one) => one.partition)).size).toBe(12);
    for (const one of markers)
      expect(JSON.parse(one.headers[RECORDING_COMPLETE_HEADER] ?? '{}')).toMatchObject({ moves: ledger.moves });
  });

  test('the same seed gives the same bytes, another seed another world', async () => {
    const again = await run();
    expect(
      again.sent.every(
        (one, i) => one.bytes?.equals(sent[i]?.bytes ?? Buffer.alloc(0)) ?? sent[i]?.bytes === undefined,
      ),
    ).toBe(true);
    const other = await run([], true, seed + 1);
    expect(other.ledger.moves).not.toBe(ledger.moves);
  });
});

const event = (kind: ScenarioEvent['kind'], terminals: readonly string[], factor: number | null): ScenarioEvent => ({
  id: kind,
  kind,
  port: 'CNNGB',
  terminals,
  from_ms: dayStartMs(fromDay) + 30 * 3_600_000,
  to_ms: dayStartMs(fromDay) + 36 * 3_600_000,
  factor,
  note_en: '',
  note_zh: '',
  stretch: 'test',
});

test.each([
  ['stall', ['CNNBO:BLGAN'], 0],
  ['silent_feed', ['CNNBO:BLGAN'], null],
  ['double_counting', ['CNNBO:BLGAN'], null],
  ['surge', [], 1.6],
] as const)('under a %s every move is told once all the same', async (kind, terminals, factor) => {
  const { feeds, sent, ledger } = await run([event(kind, terminals, factor)], true, seed, fromDay + 2);
  const told = readAll(sent);
  expect(differences(told, planned(feeds, fromDay, fromDay + 2))).toEqual([]);
  expect(told.headlineTeu).toBe(ledger.teu);
});

test('perfect feeds have no duplicates, nothing late and no dead letters', async () => {
  const { ledger } = await run([], false);
  expect(ledger).toMatchObject({
    duplicates: 0,
    late: 0,
    malformed: 0,
    cancelled: 0,
    replaced: 0,
    bad_entries: 0,
    strangers: 0,
  });
});
