/** "What was known at 09:00" against an oracle: the same rows, filtered by when they were written. */
import { MEASURE_INDEX, PORTS, type RunSummary, TERMINALS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { fakeHistory, silentLog } from '../fakes.ts';
import type { StoredRow } from '../state/ring.ts';
import { HOUR, NOW, rowOf } from '../testing.ts';
import { createPlayers } from './players.ts';

const RUN = 'replay-1';
const FROM = NOW - 12 * HOUR;
const FIVE = 300_000;
const CADENCE = HOUR / 2;
const seed = Number(process.env['SEED'] ?? 20_240_914);

/** Two ports of one partition, all of their terminals. */
const PLACES = PORTS.filter(({ partition }) => partition === PORTS[0]?.partition).slice(0, 2);
const TERMINALS_HERE = TERMINALS.filter(({ portIndex }) => PLACES.some((port) => port === PORTS[portIndex]));

/** Feeds that report every half hour, as recorded ones do: a window closes with the report after its end; some are revised later. */
function recorded(): StoredRow[] {
  const random = createRandom(seed);
  const rows: StoredRow[] = [];
  for (let startMs = FROM; startMs < NOW; startMs += FIVE) {
    const knownMs = Math.ceil((startMs + FIVE + 60_000) / CADENCE) * CADENCE + 35_000;
    for (const { code, portIndex } of TERMINALS_HERE) {
      const teu = 100 * (20 + Math.floor(random() * 20));
      const row = (revision: number, known_at_ms: number, amount: number) =>
        rowOf({
          run: RUN,
          port: PORTS[portIndex]?.code ?? '',
          terminal: code,
          size_s: 300,
          start_ms: startMs,
          revision,
          version: revision + 1,
          known_at_ms,
          measures: { teu: amount, moves: 10 },
        });
      rows.push(row(0, knownMs, teu));
      if (random() < 0.2) rows.push(row(1, knownMs + Math.floor(random() * 3 * HOUR), teu + 500));
    }
  }
  return rows;
}

const ROWS = recorded();

/** TEU of the last hour that had closed at `atMs`, out of what had been written by then, port by port. */
function rateByOracle(port: string, atMs: number): number {
  const known = ROWS.filter((row) => row.known_at_ms <= atMs);
  const endMs = Math.max(...known.map((row) => row.start_ms + FIVE));
  const newest = new Map<string, StoredRow>();
  for (const row of known.filter((one) => one.port === port && one.start_ms >= endMs - HOUR)) {
    const held = newest.get(`${row.terminal}/${row.start_ms}`);
    if (held === undefined || row.revision > held.revision) newest.set(`${row.terminal}/${row.start_ms}`, row);
  }
  return [...newest.values()].reduce((sum, row) => sum + (row.measures[MEASURE_INDEX.teu] ?? 0), 0) / 100;
}

const SPEED = 10_000;
const STEP = 7 * 60_000;
const STEPS = 30;

test.each(['opened there', 'played up to it'])(`as known, %s: the rate is the oracle’s (SEED=${seed})`, async (how) => {
  const players = createPlayers({
    history: fakeHistory(ROWS, [{ run: RUN } as RunSummary]),
    nowMs: () => 0,
    log: silentLog,
    opened: () => {},
  });
  const owner = {};
  const isPlayed = how === 'played up to it';
  const firstMs = FROM + 4 * HOUR;
  const { session } = await players.command(owner, {
    do: 'open',
    run: RUN,
    fromMs: FROM,
    toMs: NOW,
    atMs: firstMs,
    speed: SPEED,
    paused: !isPlayed,
    asKnown: true,
  });
  let nowMs = 0;
  for (let atMs = firstMs; atMs <= firstMs + STEPS * STEP; atMs += STEP) {
    if (isPlayed && atMs > firstMs) {
      nowMs += STEP / SPEED;
      players.advance(nowMs);
    } else await players.command(owner, { do: 'set', session, atMs });
    const { play, ports } = JSON.parse(`{${players.viewOf(`play/${session}/overview`)?.snapshot()}}`);
    expect(play.at_ms).toBe(atMs);
    for (const { code } of PLACES) {
      const { rate } = ports.find(({ port }: { port: string }) => port === code);
      expect([atMs, code, rate]).toEqual([atMs, code, Math.round(rateByOracle(code, atMs))]);
    }
    // What is read ahead arrives between two steps; the first step that needs it comes later.
    players.advance(nowMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('a played moment brings the hours of the day before it, without those that are not closed', async () => {
  const hour = (startMs: number) =>
    rowOf({
      run: RUN,
      size_s: 3600,
      start_ms: startMs,
      known_at_ms: startMs + HOUR + 35_000,
      measures: { teu: 700, moves: 5 },
    });
  const hours = Array.from({ length: 40 }, (_, i) => hour(NOW - (40 - i) * HOUR));
  const players = createPlayers({
    history: fakeHistory(hours, [{ run: RUN } as RunSummary]),
    nowMs: () => 0,
    log: silentLog,
    opened: () => {},
  });
  const { session } = await players.command(
    {},
    { do: 'open', run: RUN, fromMs: NOW - 40 * HOUR, toMs: NOW, atMs: NOW - HOUR / 2, speed: 1, asKnown: true },
  );
  const { windows } = JSON.parse(`{${players.viewOf(`play/${session}/overview`)?.snapshot()}}`);
  const starts = windows.map(({ start_ms }: { start_ms: number }) => (NOW - start_ms) / HOUR);
  expect(starts).toEqual(Array.from({ length: 24 }, (_, i) => 25 - i));
});
