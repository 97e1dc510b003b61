import { type AlertState, MATCHER_NAMES, type Matcher, matches } from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';
import { filterOf, isWanted, queryOf } from './alert-filter.ts';
import { matched, matchersFor, matcherWords, nextName, valueName, valuesOf } from './matcher-words.ts';

const about = {
  kind: 'drop',
  level: 'port',
  severity: 'critical',
  status: 'firing',
  phase: 'closed',
  cluster: 'yangtze',
  port: 'CNSHA',
  terminals: ['CNSGH:SGICT', 'CNSGH:SHENG'],
  rule: 'drop',
  contributors: [],
};
const alert = about as unknown as AlertState;

describe('matchers', () => {
  it('read as a sentence in both languages', () => {
    const matchers: Matcher[] = [
      { name: 'kind', op: '=', values: ['drop', 'stall'] },
      { name: 'port', op: '!=', values: ['CNSHA'] },
    ];
    expect(matcherWords(matchers, 'en')).toBe('kind is drop or stall, port is not Shanghai');
    expect(matcherWords(matchers, 'zh')).toBe('类型为下跌或停工，港口不为上海');
    expect(matcherWords([], 'en')).toBe('everything');
  });
  it.each(['terminal', 'port', 'cluster', 'nation'] as const)(
    'for an alert at the level of the %s mean that alert',
    (level) => {
      const matchers = matchersFor({ ...alert, level });
      expect(matchers.every((matcher) => matches(matcher, { ...alert, level }))).toBe(true);
      expect(
        matched(matchers, [
          { ...alert, level },
          { ...alert, level, kind: 'surge' },
        ]).length,
      ).toBe(1);
    },
  );
  it('mean nothing while they are empty, and never what is over', () => {
    expect(matched([], [alert])).toEqual([]);
    expect(matched(matchersFor(alert), [{ ...alert, status: 'resolved' }])).toEqual([]);
  });
  it('name every value that can be chosen', () => {
    for (const name of MATCHER_NAMES)
      for (const value of valuesOf(name)) {
        expect(valueName(name, value, 'en')).not.toMatch(/undefined|^$/);
        if (name !== 'terminal') expect(valueName(name, value, 'zh')).toMatch(/[\u4e00-\u9fff]/);
      }
  });
  it('begin with what is not looked at yet', () => expect(nextName(matchersFor(alert))).toBe('level'));
});

describe('the filter', () => {
  it('goes through the address and back', () => {
    const filter = filterOf(new URLSearchParams('kind=drop&level=port&severity=nonsense&port=CNSHA'));
    expect(filter).toEqual({ severity: '', kind: 'drop', level: 'port', port: 'CNSHA' });
    expect(queryOf(filter)).toEqual({ kind: 'drop', level: 'port', port: 'CNSHA' });
  });
  it.each([
    ['', true],
    ['kind=drop&severity=critical', true],
    ['kind=surge', false],
    ['port=CNNGB', false],
    ['level=nation', false],
  ])('%s: %s', (query, isShown) => expect(isWanted(alert, filterOf(new URLSearchParams(query)))).toBe(isShown));
  it('finds an alert above ports by a port that contributes', () => {
    const nation: AlertState = {
      ...alert,
      level: 'nation',
      port: '',
      contributors: [{ port: 'CNNGB', terminal: '', teu: -1, share_pct: 100 }],
    };
    expect(isWanted(nation, filterOf(new URLSearchParams('port=CNNGB')))).toBe(true);
  });
});
