// docs/contract.md against the code: whoever writes to it from outside has nothing else to go by.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ALERT_KINDS,
  ALERT_LEVELS,
  CLOSE_CODES,
  DEAD_LETTER_REASONS,
  entriesMax,
  HANDLINGS,
  KINDS,
  MATCHER_NAMES,
  MEASURES,
  PARTITIONS,
  PORTS,
  PROTOCOL_VERSION,
  RECEIVER_TYPES,
  reportBytesMax,
  SEVERITIES,
  SIZE_TYPES,
  SUBPROTOCOL,
  TERMINALS,
  TICK_CONTENT_TYPE,
  TOPICS,
  TRADES,
  WIRE_LIMITS,
} from '../packages/contracts/src/index.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
// The formatter pads the cells of tables.
const contract = read('contract.md').replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, ' '));
const proto = read('../packages/contracts/src/move-report.proto');
const contractSource = (name: string) => read(`../packages/contracts/src/${name}.ts`);

/** Names of the fields of a type of the contracts, also of all cases of a union. */
function fieldsOf(file: string, type: string): string[] {
  const body = new RegExp(
    `^export type ${type} =([\\s\\S]*?)(?=^(?:export|/\\*\\*|const|function) |(?![\\s\\S]))`,
    'm',
  ).exec(contractSource(file))?.[1];
  const text = (body ?? '').replace(/\/\*\*[\s\S]*?\*\//g, '');
  return [...new Set([...text.matchAll(/\b([a-z]\w*)\??:/g)].map(([, name = '']) => name))];
}

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

  test.each([
    ['alerts', 'AlertTransition', 30],
    ['alerts', 'AlertEvidence', 6],
    ['alerts', 'AlertState', 6],
    ['alerts', 'Matcher', 3],
    ['alerts', 'Action', 11],
    ['ledger', 'LedgerRow', 18],
    ['rules', 'KindRule', 9],
    ['rules', 'PlannedStoppage', 5],
    ['rules', 'Route', 11],
    ['rules', 'Inhibition', 3],
    ['rules', 'MuteCalendar', 5],
    ['rules', 'RoutingRules', 7],
    ['rules', 'RuleSet', 7],
    ['notifications', 'NotificationItem', 3],
    ['notifications', 'NotificationRecord', 20],
  ])('of every field of %s: %s', (file, type, least) => {
    const names = fieldsOf(file, type);
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(missing(names)).toEqual([]);
  });

  test('of every kind, level, severity, action, matcher, receiver, and what is held back', () => {
    const because = /because: ([^;]+);/.exec(contractSource('notifications'))?.[1] ?? '';
    const reasons = /NotificationReason =([^;]+);/.exec(contractSource('notifications'))?.[1] ?? '';
    const quoted = [...`${because}${reasons}`.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
    expect(quoted.length).toBeGreaterThan(12);
    const actions = [...contractSource('alerts').matchAll(/kind: '(\w+)'/g)].map(([, name = '']) => name);
    expect(actions.length).toBeGreaterThan(4);
    const lists = [ALERT_KINDS, ALERT_LEVELS, SEVERITIES, MATCHER_NAMES, RECEIVER_TYPES];
    expect(missing([...lists.flat(), ...quoted, ...actions])).toEqual([]);
  });
});

test('every route of the gateway stands in the table, and no other', () => {
  const folder = join(import.meta.dirname, '../web/gateway/src/http');
  const written = readdirSync(folder)
    .filter((file) => file.startsWith('routes-') && !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/app\s*\.(get|post|put|delete)(?:<[^(]*>)?\(\s*'([^']+)'/g),
    ])
    .map(([, method = '', url = '']) => `${method.toUpperCase()} ${url}`);
  const documented = [...contract.matchAll(/^\| `((?:GET|POST|PUT|DELETE) [^`?]+)(?:\?[^`]*)?` \|/gm)].map(
    ([, route = '']) => route,
  );
  expect(written.length).toBeGreaterThan(25);
  expect(documented.toSorted()).toEqual(written.toSorted());
});

describe('the socket', () => {
  const wire = contractSource('wire');
  const kindsOf = (type: string) => {
    const body = wire.slice(wire.indexOf(`export type ${type} =`));
    return [...body.slice(0, body.indexOf('\n\n')).matchAll(/\bt: '(\w+)'/g)].map(([, kind = '']) => kind);
  };

  test.each([
    ['ClientMessage', 6],
    ['ServerMessage', 7],
  ])('every kind of %s', (type, count) => {
    const kinds = kindsOf(type);
    expect(kinds).toHaveLength(count);
    expect(missing(kinds)).toEqual([]);
  });

  test.each([
    ['PlayCommand', 9],
    ['FrameBody', 11],
  ])('every field of %s', (type, least) => {
    // Where a player is goes with its own channels.
    const names = fieldsOf('wire', type).filter((name) => name !== 'play');
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(missing(names)).toEqual([]);
  });

  test('subprotocol, version, close codes and limits', () => {
    expect(contract).toContain(`\`${SUBPROTOCOL}\``);
    expect(contract).toContain(`\`v\` is ${PROTOCOL_VERSION}`);
    const written = Object.entries(CLOSE_CODES).map(([name, code]) => `${code} \`${name}\``);
    expect(written.filter((code) => !contract.includes(code))).toEqual([]);
    const {
      inboundBytesMax,
      inboundMessagesPerSecondMax,
      subscriptionsMax,
      helloWithinMs,
      frameIntervalMs,
      heartbeatMs,
    } = WIRE_LIMITS;
    for (const limit of [
      `${inboundBytesMax / 1024} KiB a message, ${inboundMessagesPerSecondMax} messages a second`,
      `${subscriptionsMax} subscriptions`,
      `within ${helloWithinMs / 1000} s`,
      `every ${frameIntervalMs} ms`,
      `${heartbeatMs / 1000} s apart`,
    ])
      expect(contract).toContain(limit);
  });
});

test('every metric, with its kind', () => {
  const source = read('../web/gateway/src/metrics.ts');
  const metrics = [...source.matchAll(/registry\.(\w+)\(\s*'(\w+)'/g)].map(
    ([, kind = '', name = '']) => `| \`${name}\` | ${kind} |`,
  );
  const rows = [...contract.matchAll(/^(\| `quaywatch_\w+` \| \w+ \|)/gm)].map(([, row = '']) => row);
  expect(metrics.length).toBeGreaterThan(10);
  expect(rows.toSorted()).toEqual(metrics.toSorted());
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
  expect(missing(TOPICS.map((topic) => topic.name))).toEqual([]);
});
