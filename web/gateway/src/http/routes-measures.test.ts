import { MEASURE_INDEX, MEASURES, type Measure } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { fakeHistory } from '../fakes.ts';
import { NOW, rowOf } from '../testing.ts';
import { serve } from './testing.ts';

const START = Math.floor(NOW / 3_600_000 - 2) * 3_600_000;
const row = (terminal: string, completeness: number, measures: Partial<Record<Measure, number>>) =>
  rowOf({ terminal, port: 'CNSHA', size_s: 3600, start_ms: START, completeness, measures });
const rows = [
  row('CNSHA:YSSH4', 1, { teu: 30_000, moves: 180, direct_pick_up_teu: 3_000 }),
  row('CNSHA:WGQ4', 0, {}),
  row('CNSHA:WGQ5', 1, { teu: 10_000, moves: 60 }),
];

type Answer = { measures: string[]; rows: { terminal: string; completeness: number; values: number[] }[] };
const askFor = async (query: string): Promise<Answer> => {
  const { ask } = await serve({ history: fakeHistory(rows) });
  const answer = await ask('GET', `/api/v1/measures?${query}`);
  expect(answer.statusCode).toBe(200);
  return answer.json();
};

test('a port is the sum of its terminals, in TEU and in moves, as complete as its parts', async () => {
  const { measures: names, rows: found } = await askFor('port=CNSHA');
  expect(names).toEqual([...MEASURES]);
  expect(found.map(({ terminal }) => terminal)).toEqual(['']);
  // A terminal that says nothing is missed for as much as is expected of it.
  expect(found[0]?.completeness).toBeGreaterThan(0);
  expect(found[0]?.completeness).toBeLessThan(0.95);
  const values = found[0]?.values ?? [];
  expect(values[MEASURE_INDEX.teu]).toBe(400);
  expect(values[MEASURE_INDEX.moves]).toBe(240);
  expect(values[MEASURE_INDEX.direct_pick_up_teu]).toBe(30);
});

test('terminals one by one when they are asked for; all ports when none is named', async () => {
  const { rows: found } = await askFor('terminals=true');
  expect(found.map((one) => one.terminal)).toEqual(['CNSHA:YSSH4', 'CNSHA:WGQ4', 'CNSHA:WGQ5']);
});

test.each([
  ['port=XXXXX', 404],
  ['from=2025-01-02&to=2025-01-01', 400],
  ['size=2h', 400],
])('%s is refused', async (query, status) => {
  const { ask } = await serve();
  expect((await ask('GET', `/api/v1/measures?${query}`)).statusCode).toBe(status);
});
