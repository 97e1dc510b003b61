/**
 * House rules that no linter holds: who may import whom, where the outside world may be touched, how long a function may be.
 * STYLE.md gives the reasons. A rule that finds nothing to look at fails: a moved folder must not take its rules with it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';

const root = dirname(fileURLToPath(import.meta.url));
const skipped = new Set(['node_modules', 'dist', '.git', '.cache', '.quaywatch']);

type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<Record<string, unknown>>;
type Source = {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
  /** Without those that are types alone, which are gone at run time. */
  readonly valueImports: readonly string[];
  /** `Math.random`, `process.env`, `new Date` and so on, as written. */
  readonly uses: readonly { readonly what: string; readonly line: number }[];
  readonly longFunctions: readonly string[];
};

const linesMax = 70;

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

function nameOf(value: unknown): string {
  return isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : '';
}

function literalOf(value: unknown): string | undefined {
  return isNode(value) && typeof value['value'] === 'string' ? value['value'] : undefined;
}

/** Specifier of a static, dynamic or type import, of a re-export, or of `require`. */
function importOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literalOf(node['source']);
    case 'CallExpression': {
      const args = node['arguments'];
      return nameOf(node['callee']) === 'require' && Array.isArray(args) ? literalOf(args[0]) : undefined;
    }
    default:
      return undefined;
  }
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = node['specifiers'];
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every((one) => isNode(one) && (one['importKind'] === 'type' || one['exportKind'] === 'type'))
  );
}

const globals = new Set(['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'console']);

function useOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') {
    const of = nameOf(node['object']);
    const property = nameOf(node['property']) || literalOf(node['property']) || '';
    if ((of === 'Math' && property === 'random') || of === 'process') return `${of}.${property}`;
    return globals.has(of) ? of : undefined;
  }
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const callee = nameOf(node['callee']);
    return globals.has(callee) ? callee : undefined;
  }
  return undefined;
}

const isFunction = (node: Node) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);

function read(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: string[] = [];
  const valueImports: string[] = [];
  const uses: { what: string; line: number }[] = [];
  const longFunctions: string[] = [];
  /** Returns the lines that nested functions of a node take: a function that only gathers others is as long as its own lines. */
  const visit = (node: Node): number => {
    const imported = importOf(node);
    if (imported !== undefined) imports.push(imported);
    if (imported !== undefined && !isTypeOnly(node)) valueImports.push(imported);
    const what = useOf(node);
    if (what !== undefined) uses.push({ what, line: lineAt(node.start) });
    const nested = childrenOf(node).reduce((sum, child) => sum + visit(child), 0);
    if (!isFunction(node)) return nested;
    const lines = text.slice(node.start, node.end).split('\n').length;
    if (lines - nested > linesMax) longFunctions.push(`${path}:${lineAt(node.start)} has ${lines - nested} lines`);
    // One line of a nested function stays with its parent.
    return lines > 1 ? lines - 1 : 0;
  };
  const lang = path.endsWith('x') ? 'tsx' : 'ts';
  visit(parseAst(text, { lang }, path) as unknown as Node);
  const isTest = /\.test\.tsx?$|testing|fakes\.ts$/.test(path);
  return { path, text, isTest, imports, valueImports, uses, longFunctions };
}

const workspaces = ['packages', 'seeds', 'producers', 'stream-processor', 'web', 'infra'];
const sources = workspaces
  .flatMap(filesUnder)
  .filter((path) => /\.(ts|tsx|cts)$/.test(path) && !path.endsWith('.d.ts'))
  .map(read);

/** What the files of a folder may import beside files of the same folder. */
type Layer = {
  readonly folder: string;
  /** Of ours: packages, or folders by a relative path. */
  readonly ours: readonly string[];
  /** From npm, for what runs in the product; tests may use what `testPackages` names too. */
  readonly packages: readonly string[];
  readonly node: boolean;
};

const contracts = '@quaywatch/contracts';
const runtime = '@quaywatch/runtime';
const words = '@quaywatch/words';
const kafka = '@quaywatch/kafka';
const seeds = '@quaywatch/seeds';
const core = ['stream-processor/src/core', 'stream-processor/src/alerting'];
const processor = 'stream-processor/src';
const notification = 'stream-processor/src/notification';
const gateway = 'web/gateway/src';

// The first folder that a file is in decides. Arrows point one way: contracts ← core ← adapters ← main.
const layers: readonly Layer[] = [
  { folder: 'packages/contracts', ours: [], packages: ['zod'], node: false },
  { folder: 'packages/runtime', ours: [], packages: [], node: true },
  { folder: 'packages/kafka', ours: [runtime], packages: ['kafkajs'], node: true },
  { folder: 'packages/words', ours: [contracts], packages: [], node: false },
  { folder: 'seeds', ours: [contracts, runtime], packages: ['@clickhouse/client'], node: true },
  { folder: 'producers/src/feed', ours: [contracts, runtime, seeds], packages: [], node: false },
  {
    folder: 'producers/src/scenario',
    ours: [contracts, runtime, seeds, 'producers/src/feed'],
    packages: [],
    node: true,
  },
  { folder: 'producers', ours: [contracts, kafka, runtime, seeds], packages: [], node: true },
  { folder: core[0] ?? '', ours: [contracts, ...core], packages: [], node: false },
  { folder: core[1] ?? '', ours: [contracts, ...core], packages: [], node: false },
  { folder: notification, ours: [contracts, runtime, words], packages: [], node: false },
  {
    folder: `${processor}/adapters`,
    ours: [contracts, kafka, runtime, words, notification, ...core],
    packages: ['@clickhouse/client', 'nodemailer', 'zod'],
    node: true,
  },
  { folder: `${processor}/testing`, ours: [contracts, runtime, seeds, ...core], packages: [], node: true },
  { folder: processor, ours: [contracts, kafka, runtime, seeds, words], packages: ['zod'], node: true },
  { folder: `${gateway}/state`, ours: [contracts, seeds, gateway], packages: [], node: false },
  { folder: `${gateway}/adapters`, ours: [contracts, kafka, runtime], packages: [], node: true },
  {
    folder: gateway,
    ours: [contracts, runtime, seeds, words],
    packages: ['@clickhouse/client', '@fastify/compress', '@fastify/static', 'fastify', 'ical.js', 'ws'],
    node: true,
  },
  {
    folder: 'web/dashboard/src',
    ours: [contracts, words],
    packages: ['preact', '@preact/signals', 'uplot'],
    node: false,
  },
  {
    folder: 'web/dashboard',
    // The benchmark serves the page under the gateway's own headers.
    ours: ['web/dashboard', `${gateway}/http/headers.ts`, contracts],
    packages: ['vite', 'playwright-core', 'ws'],
    node: true,
  },
  { folder: 'infra', ours: [contracts, kafka, runtime], packages: ['@clickhouse/client', 'ffi-rs'], node: true },
];

const testPackages = ['vitest', 'fast-check', 'protobufjs', 'playwright-core', 'axe-core', 'ws', 'yaml', 'smtp-server'];
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const layerOf = (path: string) => layers.find((layer) => isIn(path, layer.folder));

/** Why a file may not import a module; undefined: it may. */
function objection(source: Source, specifier: string): string | undefined {
  const layer = layerOf(source.path);
  if (layer === undefined) return 'no line of the table speaks of this folder';
  const allowed = source.isTest ? [...layer.packages, ...testPackages] : layer.packages;
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(source.path), specifier);
    const isNear = isIn(target, layer.folder) || layer.ours.some((folder) => isIn(target, folder));
    if (/\.(css|svg|json)$/.test(specifier)) return undefined;
    if (!/\.(ts|tsx|cts)$/.test(specifier)) return 'imports carry their suffix';
    if (source.isTest && target.split('/')[0] === source.path.split('/')[0]) return undefined;
    // Tests with real engines start them as the product does; infra imports no process, so nothing goes round.
    if (/\.(kafka|clickhouse|e2e)\.test\.ts$/.test(source.path) && isIn(target, 'infra/src')) return undefined;
    // The oracle is shared by tests alone.
    if (source.isTest && isIn(source.path, 'infra/src/e2e') && isIn(target, 'stream-processor/src/testing'))
      return undefined;
    // A declaration of settings is data; the tests that compare settings read them all.
    if (source.isTest && target.endsWith('/src/config.ts')) return undefined;
    return isNear ? undefined : `${layer.folder} does not import ${target}`;
  }
  if (specifier.startsWith('node:'))
    return layer.node || source.isTest ? undefined : `${layer.folder} uses nothing of Node`;
  if (specifier.startsWith('@quaywatch/')) {
    const ours = source.isTest ? [...layer.ours, runtime, '@quaywatch/producers'] : layer.ours;
    const isAllowed = ours.includes(packageOf(specifier));
    return isAllowed ? undefined : `${layer.folder} does not import ${specifier}`;
  }
  return allowed.includes(packageOf(specifier)) ? undefined : `${layer.folder} does not use ${specifier}`;
}

describe('imports', () => {
  test.each(layers)('$folder holds something', ({ folder }) => {
    expect(sources.filter((source) => layerOf(source.path)?.folder === folder)).not.toEqual([]);
  });

  test('point one way', () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((specifier) => {
        const why = objection(source, specifier);
        return why === undefined ? [] : [`${source.path}: ${specifier} — ${why}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('go round in no circle', () => {
    const targets = new Map(
      sources.map((source) => [
        source.path,
        source.valueImports
          .filter((one) => one.startsWith('.'))
          .map((one) => posix.join(posix.dirname(source.path), one))
          .filter((target) => target !== source.path),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) circles.push([...trail.slice(at), path].join(' → '));
      if (at >= 0 || done.has(path)) return;
      for (const target of targets.get(path) ?? []) follow(target, [...trail, path]);
      done.add(path);
    };
    for (const path of targets.keys()) follow(path, []);
    expect(circles).toEqual([]);
  });

  test.each([
    ['stream-processor/src/core/partition.ts', 'node:fs'],
    ['stream-processor/src/core/partition.ts', 'kafkajs'],
    ['stream-processor/src/core/partition.ts', '@quaywatch/seeds'],
    ['stream-processor/src/core/partition.ts', '../adapters/kafka-log.ts'],
    ['stream-processor/src/adapters/kafka-log.ts', '../processor.ts'],
    ['packages/contracts/src/codes.ts', '@quaywatch/runtime'],
    ['packages/runtime/src/log.ts', '@quaywatch/contracts'],
    ['packages/kafka/src/client.ts', '@quaywatch/contracts'],
    ['producers/src/adapters/kafka.ts', 'kafkajs'],
    ['packages/words/src/alert.ts', '@quaywatch/runtime'],
    ['web/dashboard/src/app.tsx', '@quaywatch/runtime'],
    ['web/gateway/src/state/counts.ts', '@clickhouse/client'],
    ['infra/src/engines.ts', '@quaywatch/seeds'],
    ['infra/src/engines.ts', '../../producers/src/main.ts'],
    ['seeds/src/load.ts', './rows'],
  ])('%s may not import %s', (path, specifier) => {
    const source: Source = {
      path,
      text: '',
      isTest: false,
      imports: [],
      valueImports: [],
      uses: [],
      longFunctions: [],
    };
    expect(objection(source, specifier)).toBeDefined();
  });
});

type Limit = { readonly what: RegExp; readonly places: readonly string[]; readonly why: string };

const settingsReaders = [
  'packages/runtime/src/config.ts',
  'stream-processor/src/config.ts',
  'web/gateway/src/config.ts',
  'infra/src/config.ts',
  // These pass the environment on to a child, or look for a program as a shell does.
  'infra/src/kafka.ts',
  'infra/src/kafka-client.ts',
  'infra/src/engine-process.ts',
  'infra/src/supervisor.ts',
  'infra/src/commands/engine-command.ts',
  'infra/src/commands/load.ts',
];

const limits: readonly Limit[] = [
  {
    what: /^Math\.random$/,
    // The first three spread people or retries over time; nothing that is counted depends on them.
    places: [
      'packages/runtime/src/retry.ts',
      'web/gateway/src/socket/server.ts',
      'web/dashboard/src/wire/connection.ts',
      // Puts the seed's in its place.
      'stream-processor/src/simulation/world.ts',
    ],
    why: 'randomness comes from a seed (packages/runtime/src/random.ts)',
  },
  { what: /^process\.env$/, places: settingsReaders, why: 'config.ts reads the environment, once' },
];

const pure = [...core, notification, 'packages/contracts', 'packages/words', `${gateway}/state`, 'producers/src/feed'];

describe('the outside world', () => {
  test.each(limits)('$what is used where the list says, and nowhere else', ({ what, places }) => {
    const found = new Set(
      sources.filter((one) => !one.isTest && one.uses.some((use) => what.test(use.what))).map((one) => one.path),
    );
    expect([...found].filter((path) => !places.includes(path))).toEqual([]);
    const unused = places.filter((path) => existsSync(join(root, path)) && !found.has(path));
    expect(unused, 'the list names files that no longer do it').toEqual([]);
  });

  test.each(pure)('%s has no clock, no timer, no randomness and no IO', (folder) => {
    const files = sources.filter((source) => isIn(source.path, folder) && !source.isTest);
    const found = files.flatMap((source) => source.uses.map((use) => ({ ...use, path: source.path })));
    // Writing a given instant as text is arithmetic: `new Date(ms)` with an argument reads no clock.
    const wrong = found.filter(({ what, path, line }) => !(what === 'Date' && isArithmetic(path, line)));
    expect(files.length).toBeGreaterThan(2);
    expect(wrong.map(({ path, line, what }) => `${path}:${line} ${what}`)).toEqual([]);
  });
});

function isArithmetic(path: string, line: number): boolean {
  // The core may not even do that: its times are numbers.
  if (core.some((folder) => isIn(path, folder))) return false;
  const text = readFileSync(join(root, path), 'utf8').split('\n')[line - 1] ?? '';
  return !/new Date\(\)|Date\.now/.test(text);
}

test(`no function has more than ${linesMax} lines of its own`, () => {
  const files = sources.filter((source) => !source.isTest);
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((source) => source.longFunctions)).toEqual([]);
});

test('every process has a config.ts, and every workspace a package.json that is in the root’s list', () => {
  const listed: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object(listed).workspaces as readonly string[];
  expect(names.every((name) => existsSync(join(root, name, 'package.json')))).toBe(true);
  for (const folder of ['producers/src', processor, gateway, 'infra/src'])
    expect(existsSync(join(root, folder, 'config.ts')), folder).toBe(true);
});

const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b`);
const machinePath = new RegExp(`(^|[\\s"'\`(=])/(${['work', 'root', 'home/\\w+', 'Users/\\w+'].join('|')})/`);

test('no file says that it is unfinished, or names a path of somebody’s machine', () => {
  const texts = [
    'README.md',
    'ARCHITECTURE.md',
    'STYLE.md',
    'docker-compose.yml',
    'Dockerfile',
    ...[...workspaces, 'docs'].flatMap(filesUnder),
  ]
    .filter((path) => /\.(ts|tsx|cts|mjs|js|css|html|md|yml|xml|json|proto)$|Dockerfile$/.test(path))
    .filter((path) => existsSync(join(root, path)));
  expect(texts.length).toBeGreaterThan(150);
  const wrong = texts.flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        unfinished.test(line) || machinePath.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [],
      ),
  );
  expect(wrong).toEqual([]);
});

test('links between documents lead somewhere', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'STYLE.md', 'seeds/README.md', ...filesUnder('docs')].filter(
    (path) => path.endsWith('.md'),
  );
  const broken = documents.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].flatMap(([, target = '']) => {
      const file = join(root, dirname(path), target);
      return existsSync(file) ? [] : [`${path} → ${relative(root, file)}`];
    }),
  );
  expect(documents.length).toBeGreaterThan(8);
  expect(broken).toEqual([]);
});
