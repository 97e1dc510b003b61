import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type AlertPhase,
  type AlertState,
  type AlertStatus,
  type AlertTransition,
  SEVERITIES,
  TERMINALS,
} from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';
import {
  alertSize,
  alertTitle,
  contributorWords,
  evidenceWords,
  resolveWords,
  strongestZ,
  sureWords,
} from './alert.ts';
import { en } from './en.ts';
import type { Language } from './format.ts';
import { moment, ZONE, zoneName } from './moments.ts';
import { kindName, levelName, measureName, phaseName, reasonWords, severityName, statusName } from './names.ts';
import { clusterName, placeName, terminalName } from './places.ts';
import { alertBrief, alertSentence } from './sentence.ts';
import { zh } from './zh.ts';

const LANGUAGES: readonly Language[] = ['en', 'zh'];
const PHASES: readonly AlertPhase[] = ['closed', 'rebound', 'normal'];
const STATUSES: readonly AlertStatus[] = ['pending', 'firing', 'recovering', 'resolved'];

const alert: AlertState = {
  run: 'live',
  alert_id: 'a',
  transition: 2,
  kind: 'stall',
  level: 'port',
  severity: 'critical',
  status: 'firing',
  phase: 'closed',
  cluster: 'yangtze',
  port: 'CNNGB',
  terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN'],
  measure: '',
  at_ms: Date.parse('2025-06-18T06:30:00Z'),
  since_ms: Date.parse('2025-06-18T04:18:00Z'),
  known_at_ms: 0,
  value: 1904,
  expected: 2767,
  band: 235,
  deviation_pct: -31.2,
  z: -6.2,
  size_teu: -1868,
  regained_teu: null,
  window_s: 3600,
  watermark_ms: 0,
  completeness: 1,
  rule: 'stall',
  rules_version: 1,
  contributors: [{ port: 'CNNGB', terminal: 'CNNBO:BLCT6', teu: -1440, share_pct: 77.1 }],
  evidence: [],
  resolves: { within_pct: 10, hold_min: 30 },
  reason: 'threshold_held',
  simulated: true,
  first_at_ms: 0,
  acknowledged: null,
  notes: [],
  silenced_until_ms: null,
  silenced_by: '',
};
const now = alert.at_ms;
/** What detection gives as reasons (docs/alerts.md). */
const REASONS = [
  'above_expected_after_closure',
  'back_in_band',
  'back_out_of_band',
  'became_usual',
  'did_not_hold',
  'duplicates_above_share',
  'duplicates_gone',
  'feed_back',
  'feed_behind',
  'feed_caught_up',
  'feed_overdue',
  'fewer_feeds_behind',
  'fewer_feeds_double',
  'fewer_feeds_overdue',
  'fewer_ledgers_short',
  'hold_elapsed',
  'ledger_short',
  'ledger_whole',
  'more_feeds_behind',
  'more_feeds_double',
  'more_feeds_overdue',
  'more_ledgers_short',
  'more_terminals_stopped',
  'moves_again',
  'no_moves',
  'planned_stoppage',
  'standstill_usual',
  'began_anew',
  'rule_switched_off',
  'still_open',
  'threshold_crossed',
  'threshold_held',
];
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function all(given: AlertTransition, language: Language): string[] {
  return [
    alertTitle(given, language),
    alertBrief(given, now, language, ZONE),
    alertSentence(given, now, language, ZONE),
    resolveWords(given, language),
    ...given.contributors.map((one) => contributorWords(given, one, language)),
    ...given.evidence.map((one) => evidenceWords(one, given, language, ZONE)),
    placeName(given, language),
    kindName(given.kind, language),
    levelName(given.level, language),
    severityName(given.severity, language),
    statusName(given.status, language),
    phaseName(given.phase, language),
    reasonWords(given.reason, language),
  ];
}

describe('every alert', () => {
  const bare = {
    value: null,
    expected: null,
    band: null,
    deviation_pct: null,
    z: null,
    size_teu: null,
    terminals: [],
    contributors: [],
    resolves: { within_pct: null, hold_min: 0 },
  };
  const full = {
    regained_teu: 400,
    contributors: [
      { port: 'CNSHA', terminal: '', teu: -900, share_pct: 50 },
      { port: 'CNSHA', terminal: 'CNSGH:SGICT', teu: -900, share_pct: 50 },
    ],
    evidence: [
      { at_ms: now, reason: 'threshold_held', window_s: 900, value: 0, expected: 20, z: -5 },
      { at_ms: now, reason: 'feed_overdue', window_s: 900, value: null, expected: null, z: null },
    ],
  };
  const cases = ALERT_KINDS.flatMap((kind) => ALERT_LEVELS.map((level) => ({ kind, level })));
  it.each(cases)('$kind at $level says everything, with figures and without', ({ kind, level }) => {
    for (const status of STATUSES)
      for (const phase of PHASES)
        for (const severity of SEVERITIES)
          for (const figures of [bare, full])
            for (const language of LANGUAGES) {
              const given = { ...alert, kind, level, status, phase, severity, ...figures };
              for (const text of all(given, language)) {
                expect(text).not.toMatch(/undefined|NaN|null|\[object| {2}|\.\.|。。|^\s*$/);
                if (language === 'zh') expect(text).not.toMatch(/[a-z]{3,} [a-z]{3,}/);
              }
            }
  });
  it('is told from data: the same in both languages', () => {
    const figures = (text: string) => plain(text).match(/\d[\d,.]*/g)?.length;
    for (const { kind, level } of cases) {
      const given = { ...alert, kind, level };
      expect(figures(alertSentence(given, now, 'zh', ZONE))).toBe(figures(alertSentence(given, now, 'en', ZONE)));
    }
  });
});

describe('what is said', () => {
  it('puts the answer in the heading', () => {
    expect(alertTitle(alert, 'en')).toBe('Ningbo-Zhoushan: 2 of 11 terminals stopped');
    expect(alertTitle(alert, 'zh')).toBe('宁波舟山：11 个码头中 2 个停工');
    expect(alertTitle({ ...alert, kind: 'drop', level: 'nation', port: '', cluster: '' }, 'en')).toBe('China: drop');
    expect(alertTitle({ ...alert, kind: 'drift', level: 'cluster' }, 'zh')).toBe('长三角：水平下移');
    const shift = { ...alert, kind: 'mix_shift' as const, measure: 'direct_pick_up_teu', value: 34, expected: 12 };
    expect(alertTitle(shift, 'en')).toBe('Ningbo-Zhoushan: more direct pick-up');
    const terminal = { ...alert, level: 'terminal' as const, terminals: ['CNSGH:SGICT'], port: 'CNSHA' };
    expect(alertTitle(terminal, 'en')).toBe('Shanghai, Yangshan 3 (Guandong): work stopped');
  });
  it('is brief in lists', () => {
    expect(alertBrief(alert, now, 'en', ZONE)).toBe('Work stopped at BLGAN, BLYIN since 12:18. Feeds healthy.');
    expect(alertBrief({ ...alert, kind: 'drop', completeness: 0.971 }, now, 'zh', ZONE)).toBe(
      '自 12:18 低于预期区间。数据源覆盖 97.1\u00a0% 的时间。',
    );
  });
  it('is whole in messages', () => {
    expect(plain(alertSentence(alert, now, 'en', ZONE))).toBe(
      'Work stopped at BLGAN, BLYIN since 12:18. −1,868 TEU so far, −31.2 %, growing 849 an hour. ' +
        '1,904 TEU/h over 1 h against 2,767 TEU/h expected (90 %: 2,532–3,002). ' +
        'Very sure: 6.2 standard deviations off. 77 % of the loss is Meishan Island. Feeds healthy. ' +
        'Resolves when it is within 10 % of expected for 30 min.',
    );
    expect(plain(alertSentence({ ...alert, kind: 'drop', value: 0 }, now, 'zh', ZONE))).toBe(
      '自 12:18 低于预期区间。−1,868 TEU 至今，对预期 −31.2 %，每小时扩大 849。' +
        '1 小时内 0 TEU/时，预期 2,767 TEU/时（90 % 区间 2,532–3,002）。' +
        '很有把握：偏离 6.2 个标准差。下降的 77 % 来自梅山。数据源正常：真实为零。' +
        '与预期相差 10 % 以内并保持 30 分钟即关闭。',
    );
  });
  it('says a rebound and an end', () => {
    const rebound = { ...alert, phase: 'rebound' as const, regained_teu: 512 };
    expect(plain(alertSentence(rebound, now, 'en', ZONE))).toContain(
      'Rebound: the missed work is being made up. −1,868 TEU · +512 regained (27.4 %).',
    );
    const over = { ...alert, status: 'resolved' as const, reason: 'hold_elapsed' };
    expect(alertSentence(over, now, 'en', ZONE)).toContain('Resolved 14:30: stayed normal for the hold time.');
    expect(alertSentence(over, now, 'en', ZONE)).not.toContain('Resolves');
  });
  it('says of what is over how large it was, and which way it was off', () => {
    const evidence = [{ at_ms: now, reason: 'threshold_held', window_s: 900, value: 900, expected: 700, z: 6 }];
    const over = { ...alert, kind: 'drift' as const, status: 'resolved' as const, reason: 'became_usual', evidence };
    expect(alertTitle(over, 'en')).toBe('Ningbo-Zhoushan: level drifts up');
    expect(alertSize(over, 'en')).toEqual({ size: '−1,868 TEU', rest: 'in all' });
    expect(strongestZ(over)).toBe(6.2);
  });
  it('says how many were repeats', () => {
    const double = { ...alert, kind: 'double_counting' as const, value: 25.2, expected: null, size_teu: null, z: null };
    expect(plain(alertSentence(double, now, 'en', ZONE))).toBe(
      'Moves are reported more than once since 12:18; the count may be too high. ' +
        '25.2 % of the moves received over 1 h were repeats. 77 % of the excess is Meishan Island. Feeds healthy. ' +
        'Resolves when it is within 10 % of expected for 30 min.',
    );
  });
  it.each(REASONS)('has words for the reason %s', (reason) => {
    expect(Object.keys(en.reasons)).toContain(reason);
    expect(reasonWords(reason, 'zh')).toMatch(/[\u4e00-\u9fff]/);
  });
  it('speaks of growth and shares in per cent', () => {
    const growth = { ...alert, kind: 'year_on_year' as const, value: -4.1, expected: 9.8, band: 6 };
    expect(plain(alertSentence(growth, now, 'en', ZONE))).toContain(
      '−4.1 % over 1 h against +9.8 % expected (90 %: +3.8 %–+15.8 %).',
    );
  });
  it('says nothing of what was won back where nothing was', () => {
    const surge = { ...alert, kind: 'surge' as const, phase: 'normal' as const, size_teu: 900, regained_teu: 0 };
    expect(alertSize(surge, 'en')?.rest).toMatch(/^so far/);
  });
  it('says size in TEU before per cent, large sizes in 万, and nothing when it is not known', () => {
    expect(alertSize(alert, 'en')).toEqual({ size: '−1,868 TEU', rest: 'so far, −31.2\u00a0%, growing 849 an hour' });
    expect(alertSize({ ...alert, size_teu: null }, 'en')).toBeNull();
    expect(alertSize({ ...alert, size_teu: -1_234_000 }, 'zh')?.size).toBe('−123万 TEU');
  });
  it.each([
    [null, ''],
    [2.1, 'Not sure yet: 2.1 standard deviations off.'],
    [-4, 'Sure: 4.0 standard deviations off.'],
    [-240, 'Practically certain: > 99 standard deviations off.'],
  ])('z %s', (z, text) => expect(sureWords(z, 'en')).toBe(text));
  it('says what would resolve it where no band can', () => {
    const silent = { ...alert, kind: 'feed_silent' as const, resolves: { within_pct: null, hold_min: 0 } };
    expect(resolveWords(silent, 'en')).toBe('Resolves when reports come again.');
    expect(resolveWords(silent, 'zh')).toBe('恢复上报即关闭。');
  });
  it('tells evidence in the unit of its kind', () => {
    const one = { at_ms: now, reason: 'threshold_held', window_s: 21_600, value: 34.1, expected: 12, z: 7 };
    expect(plain(evidenceWords(one, { kind: 'mix_shift', at_ms: now }, 'en', ZONE))).toBe(
      '6 h to 14:30: 34.1 % of 12.0 %; outside the band for long enough.',
    );
  });
  it('keeps to the zone it is given', () => {
    expect(moment(now, now, 'en', 'UTC')).toBe('06:30');
    expect(moment(now, now + 86_400_000, 'en', ZONE)).toBe('Wed 18 Jun 14:30');
    expect([zoneName(now, ZONE), zoneName(now, 'UTC')]).toEqual(['UTC+8', 'UTC']);
  });
  it('knows every terminal in Chinese', () => {
    for (const { code } of TERMINALS) expect(terminalName(code, 'zh')).toMatch(/\p{Script=Han}/u);
    expect(terminalName('CNNBO:BLGAN', 'zh')).toBe('北仑三期港吉');
  });
  it('shows a code that it does not know as it is', () => {
    expect(reasonWords('some_new_reason', 'zh')).toBe('some new reason');
    expect(measureName('restow_teu', 'en')).toBe('restow');
    expect(clusterName('elsewhere', 'en')).toBe('elsewhere');
  });
});

type Words = { readonly [key: string]: unknown };
function paths(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([key, word]) => {
    const path = `${before}${key}`;
    if (typeof word === 'function') return [`${path}(${word.length})`];
    return typeof word === 'object' && word !== null ? paths(word as Words, `${path}.`) : [path];
  });
}

it('has the same words with the same blanks in both languages', () =>
  expect(paths(zh).sort()).toEqual(paths(en).sort()));
