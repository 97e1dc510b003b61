// Bytes of every released version of the contract, and of what comes after it: they are read like this for ever. Entries are never edited; a new
// version adds its own (packages/contracts/src/released/reports.json).
import { readFileSync } from 'node:fs';
import { CONTRACT_MAJOR, CONTRACT_MINOR, decodeMoveReport } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { plainOptions } from '../testing/plain-options.ts';
import { step } from './partition.ts';
import { createPartition, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';

type Fixture = {
  name: string;
  contract: string;
  base64: string;
  expected: { entries: number; moves: number; rejected: Record<string, number> };
};
const file = new URL('../../../packages/contracts/src/released/reports.json', import.meta.url);
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixture[];

test.each(fixtures.map((one) => [`${one.contract} ${one.name}`, one] as const))('%s', (_, { base64, expected }) => {
  const value = Buffer.from(base64, 'base64');
  const decoded = decodeMoveReport(value);
  expect(decoded.ok && decoded.report.count).toBe(expected.entries);
  const state = createPartition(plainOptions({ partition: 0, terminals: [0] }));
  const out: Outputs = { rows: new RowBatch(8), deadLetters: [], transitions: [] };
  step(state, { offset: 0, timestampMs: Date.UTC(2025, 2, 9, 16, 31), value, isTick: false }, out);
  expect({ moves: state.counters.moves, rejected: state.counters.deadLetters }).toEqual({
    moves: expected.moves,
    rejected: expected.rejected,
  });
});

test('the version that we write now is among them, and one after it', () => {
  const versions = fixtures.map((one) => one.contract);
  expect(versions).toContain(`${CONTRACT_MAJOR}.${CONTRACT_MINOR}`);
  expect(versions).toContain(`${CONTRACT_MAJOR}.${CONTRACT_MINOR + 1}`);
});
