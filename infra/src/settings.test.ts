// README's tables of settings against the fields that the processes read: a setting that nobody can look up does not exist.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLICKHOUSE_FIELDS, type Field, type Fields, KAFKA_FIELDS } from '@quaywatch/runtime';
import { describe, expect, test } from 'vitest';
import { FEED_FIELDS } from '../../producers/src/config.ts';
import { NOTIFIER_FIELDS, PROCESSOR_FIELDS } from '../../stream-processor/src/config.ts';
import { GATEWAY_FIELDS } from '../../web/gateway/src/config.ts';
import { root } from './commands/command-line.ts';
import { INFRA_FIELDS } from './config.ts';

// The formatter pads the cells of tables.
const readme = readFileSync(join(root, 'README.md'), 'utf8').replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, ' '));
const engines: Fields = { ...KAFKA_FIELDS, ...CLICKHOUSE_FIELDS };
const engineNames = new Set(Object.values(engines).map((field) => field.env));

/** A process's own settings: those by which everybody finds the engines have a table of their own. */
function own(fields: Fields): Field[] {
  return Object.values(fields).filter((field) => !engineNames.has(field.env));
}

const tables: readonly { readonly name: string; readonly fields: readonly Field[] }[] = [
  { name: 'commands', fields: Object.values(INFRA_FIELDS) },
  { name: 'engines', fields: Object.values(engines) },
  { name: 'processor', fields: own(PROCESSOR_FIELDS) },
  { name: 'notifier', fields: own(NOTIFIER_FIELDS) },
  { name: 'gateway', fields: own(GATEWAY_FIELDS) },
  { name: 'feeds', fields: own(FEED_FIELDS) },
];

function shown(field: Field): string {
  const value = field.default;
  if (value === undefined) return 'must be given';
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? 'empty' : `\`${text}\``;
}

function rowOf(field: Field): string {
  const choices = field.kind === 'choice' ? ` (${field.choices.join(', ')})` : '';
  return `| \`${field.env}\` | ${shown(field)} | ${field.about}${choices} |`;
}

describe.each(tables)('settings of $name', ({ name, fields }) => {
  test('are in README as they are in config.ts', () => {
    const begin = `<!-- settings: ${name} -->`;
    const at = readme.indexOf(begin);
    expect(at, `README.md has no ${begin}`).toBeGreaterThanOrEqual(0);
    const table = readme.slice(at + begin.length, readme.indexOf('<!-- end -->', at)).trim();
    expect(table.split('\n').slice(2)).toEqual(fields.map(rowOf));
  });
});

/** Variables that are read by name outside of a config.ts: by the bootstrap, by tests, by what looks for Java. */
function namesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return namesIn(path);
    if (!/\.(ts|tsx|mjs)$/.test(entry.name)) return [];
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/process\.env(?:\.|\[')([A-Z][A-Z0-9_]+)/g)].map(([, name = '']) => name);
  });
}

test('every other variable that is read is explained too', () => {
  const names = new Set(['packages', 'seeds', 'producers', 'stream-processor', 'web', 'infra'].flatMap(namesIn));
  for (const everybodys of ['PATH', 'TZ']) names.delete(everybodys);
  expect(names.size).toBeGreaterThan(2);
  expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
