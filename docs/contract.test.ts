// docs/contract.md against the code: whoever writes to it from outside has nothing else to go by.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  DEAD_LETTER_REASONS,
  entriesMax,
  HANDLINGS,
  KINDS,
  MEASURES,
  PARTITIONS,
  PORTS,
  reportBytesMax,
  SIZE_TYPES,
  TERMINALS,
  TICK_CONTENT_TYPE,
  TOPICS,
  TRADES,
} from '../packages/contracts/src/index.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
// The formatter pads the cells of tables.
const contract = read('contract.md').replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, ' '));
const proto = read('../packages/contracts/src/move-report.proto');
const wire = read('../packages/contracts/src/wire.ts');

/** Names that stand in code quotes nowhere in the document. */
function missing(names: readonly string[]): string[] {
  return names.filter((name) => !contract.includes(`\`${name}\``));
}

const fields = [...proto.matchAll(/^ {2}(?:repeated )?\w+ (\w+) = (\d+);/gm)].map(([, name = '', number = '']) => ({
  name,
  number,
}));

describe('names', () => {
  test('of every reason, with a remedy', () => {
    const rows = DEAD_LETTER_REASONS.filter(
      (reason) => !new RegExp(`^\\| \`${reason}\` \\| .+ \\| .+ \\|$`, 'm').test(contract),
    );
    expect(rows).toEqual([]);
  });

  test('of every field of the .proto', () => {
    expect(fields.length).toBeGreaterThan(30);
    expect(missing(fields.map((field) => field.name))).toEqual([]);
  });

  test('of every function, kind, trade and handling', () => {
    const functions = [...proto.matchAll(/^ {2}([A-Z_]+) = \d;/gm)].map(([, name = '']) => name);
    expect(missing([...functions, ...KINDS, ...TRADES, ...HANDLINGS])).toEqual([]);
  });

  test('of every field of an alert’s transition', () => {
    const type = /export type AlertTransition = \{([\s\S]*?)\n\};/.exec(wire)?.[1] ?? '';
    const names = [...type.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(missing(names)).toEqual([]);
  });
});

describe('tables', () => {
  test('fields of the report stand with their numbers', () => {
    const report = proto.slice(proto.indexOf('message MoveReport'));
    const rows = [...report.matchAll(/^ {2}(?:repeated )?\w+ (\w+) = (\d+);/gm)].map(
      ([, name = '', number = '']) => `| ${number} | \`${name}\` |`,
    );
    expect(rows.length).toBe(24);
    expect(rows.filter((row) => !contract.includes(row))).toEqual([]);
  });

  test('measures stand in their order, each with its unit', () => {
    const rows = MEASURES.map((name, index) => {
      const unit = name === 'teu' || name.endsWith('_teu') ? 'TEU/100' : '(moves|entries)';
      return new RegExp(`^\\| ${index} \\| \`${name}\` \\| ${unit} \\| .+ \\|$`, 'm');
    });
    expect(rows.filter((row) => !row.test(contract)).map(String)).toEqual([]);
  });

  test('partitions', () => {
    const rows = PARTITIONS.map((codes, partition) => `| ${partition} | ${codes.join(' ')} |`);
    expect(rows.filter((row) => !contract.includes(row))).toEqual([]);
  });

  test('size-types', () => {
    const cells = SIZE_TYPES.map(
      ({ code, teuHundredths }, index) =>
        `| ${index} | ${code === '' ? '(in `exceptions`)' : code} | ${(teuHundredths / 100).toFixed(2)} |`,
    );
    expect(cells.filter((cell) => !contract.includes(cell))).toEqual([]);
  });

  test('ports, their aliases and terminals', () => {
    const rows = PORTS.map((port) => {
      const terminals = TERMINALS.filter((terminal) => terminal.portIndex === port.index).map((one) => one.code);
      return `| ${port.code} | ${port.nameEn} | ${port.aliases.join(' ') || '–'} | ${terminals.join(' ')} |`;
    });
    expect(rows.filter((row) => !contract.includes(row))).toEqual([]);
  });
});

test('limits and topics', () => {
  expect(contract).toContain(reportBytesMax.toLocaleString('en'));
  expect(contract).toContain(entriesMax.toLocaleString('en'));
  expect(contract).toContain(TICK_CONTENT_TYPE);
  const internal = ['quaywatch.actions.v1', 'quaywatch.rules.v1'];
  expect(missing(TOPICS.map((topic) => topic.name).filter((name) => !internal.includes(name)))).toEqual([]);
});
