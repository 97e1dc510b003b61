import { decodeMoveReport, encodeMoveReport, FUNCTIONS, TERMINALS } from '@quaywatch/contracts';
import { expect, describe as group, test } from 'vitest';
import { describe, hexOf, mend, placeOf, printable, settingOf, settledEntries } from './dead-letters.ts';
import { makeReport, startMs } from './testing/random-log.ts';

const bytesOf = (overrides: Parameters<typeof makeReport>[5] = {}) =>
  encodeMoveReport(makeReport(0, 'r7', 3, startMs, [0, 60], overrides));
const at = { partition: 0, offset: 41, wasTaken: false };
const set = (...texts: string[]) =>
  texts.map((text) => {
    const setting = settingOf(text);
    if (typeof setting === 'string') throw new Error(setting);
    return setting;
  });
const reportOf = (bytes: Buffer) => {
  const decoded = decodeMoveReport(bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.report;
};

group('shown safely', () => {
  test.each([
    ['plain', 'plain'],
    ['\u001b[2J\u001b]0;title\u0007', '\\u{1b}[2J\\u{1b}]0;title\\u{7}'],
    ['a\u202eb\u2028c\u0000', 'a\\u{202e}b\\u{2028}c\\u{0}'],
    ['上海', '上海'],
    ['\ud800', '�'],
  ])('%j', (text, want) => {
    expect(printable(text)).toBe(want);
  });

  test('long text is cut, and says how long it was', () => {
    expect(printable('x'.repeat(5_000))).toBe(`${'x'.repeat(120)}… (5000 characters)`);
  });

  test('a report with hostile names has no control character in any line', () => {
    const lines = describe(bytesOf({ reportId: '\u001b[31mred\n', source: `urn:\u0007${'y'.repeat(500)}` }), null);
    expect(lines.join('\n')).toContain('\\u{1b}[31mred\\u{a}');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f]/.test(line) || line.length > 300)).toEqual([]);
  });

  test('what cannot be read is shown as bytes, and not all of them', () => {
    const lines = describe(Buffer.alloc(100_000, 7), null);
    expect(lines[0]).toContain('unreadable');
    expect(lines.length).toBeLessThan(20);
    expect(hexOf(Buffer.from('AB\u0001'))).toEqual([`  0000  ${'41 42 01'.padEnd(47)}  AB.`]);
  });

  test('one entry alone, and one that there is not', () => {
    expect(describe(bytesOf(), 1).filter((line) => line.includes('flags'))).toHaveLength(1);
    expect(describe(bytesOf(), 9)).toContain('There is no entry 9.');
  });
});

group('mended', () => {
  test('without settings the same bytes', () => {
    expect(mend(bytesOf(), at, [])).toMatchObject({ partition: 0, key: 'CNSHA', bytes: bytesOf(), reportId: 'r7' });
  });

  test('without settings a new name, when some of it was taken: the same version would be a duplicate as a whole', () => {
    const mended = mend(bytesOf(), { ...at, wasTaken: true }, []);
    if ('problem' in mended) throw new Error(mended.problem);
    expect(reportOf(mended.bytes)).toMatchObject({ reportId: 'r7~0/41', count: 2, sequence: 3 });
  });

  test('with a terminal: a report of its own that names the record, always by the same name', () => {
    const bad = bytesOf({ terminal: 'CNSGH:NONE' });
    expect(mend(bad, at, [])).toHaveProperty('problem');
    const mended = mend(bad, at, set(`terminal=${TERMINALS[1]?.code}`));
    expect(mended).toEqual(mend(bad, at, set(`terminal=${TERMINALS[1]?.code}`)));
    if ('problem' in mended) throw new Error(mended.problem);
    const report = reportOf(mended.bytes);
    expect(report).toMatchObject({ reportId: 'r7~0/41', terminal: TERMINALS[1]?.code, sequence: 3, count: 2 });
    expect([...report.offsetS.subarray(0, 2)]).toEqual([0, 60]);
  });

  test('with a port of another partition: to the right one', () => {
    const mended = mend(bytesOf({ port: 'QQQQQ', terminal: 'CNNBO:BLCT1' }), at, set('port=CNNGB'));
    expect(mended).toMatchObject({ partition: 1, key: 'CNNGB' });
  });

  test('a name of 128 characters stays one', () => {
    const mended = mend(bytesOf({ reportId: 'n'.repeat(128) }), at, set('function=1'));
    if ('problem' in mended) throw new Error(mended.problem);
    expect(mended.reportId).toHaveLength(128);
    expect(mended.reportId.endsWith('~0/41')).toBe(true);
  });

  test.each([
    ['another version', bytesOf({ contractMajor: 2 }), [], 'contract_major'],
    ['a terminal of another port', bytesOf(), ['terminal=CNNBO:BLCT1'], 'is not one of'],
    ['rubbish', Buffer.from([7, 7]), [], 'send it again'],
  ])('%s is refused', (_, bytes, settings, problem) => {
    expect(mend(bytes, at, set(...settings))).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  test.each(['serial=1', 'terminal', '=x', 'function=two', 'toString=1'])('--set %s is refused', (text) => {
    expect(typeof settingOf(text)).toBe('string');
  });
});

test('what would be too late is told beforehand', () => {
  const dayEndMs = startMs + 86_400_000;
  expect(settledEntries(bytesOf(), dayEndMs + 47 * 3_600_000)).toEqual({ settled: 0, entries: 2 });
  expect(settledEntries(bytesOf(), dayEndMs + 48 * 3_600_000)).toEqual({ settled: 2, entries: 2 });
  expect(settledEntries(bytesOf({ function: FUNCTIONS.cancel }), startMs)).toEqual({ settled: 0, entries: 2 });
});

test.each([
  ['7/12', { partition: 7, offset: 12, entry: null }],
  ['7/12/3', { partition: 7, offset: 12, entry: 3 }],
  ['7', undefined],
  ['7/-1', undefined],
  ['a/b', undefined],
])('place %s', (text, want) => {
  expect(placeOf(text)).toEqual(want);
});
