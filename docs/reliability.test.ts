// docs/reliability.md against the code: what is injected and what must be caught is what the tables say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS } from '../infra/src/faults/registry.ts';
import { CANARIES } from '../stream-processor/src/simulation/canaries.ts';

// The formatter pads the cells of tables.
const text = readFileSync(join(import.meta.dirname, 'reliability.md'), 'utf8').replace(/ {2,}/g, ' ');
const firstCells = (row: RegExp) => [...text.matchAll(row)].map(([, name = '']) => name).toSorted();

test('every fault stands in the table with its number in the catalogue, and no other', () => {
  const rows = firstCells(/^\| ([a-z-]+ \| F[^|]+) \|/gm);
  expect(rows).toEqual(FAULTS.map(({ name, catalogue }) => `${name} | ${catalogue}`).toSorted());
});

test('every canary stands in the table, and no other', () => {
  expect(firstCells(/^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| \d+ \|$/gm)).toEqual(
    CANARIES.map(({ name }) => name).toSorted(),
  );
});
