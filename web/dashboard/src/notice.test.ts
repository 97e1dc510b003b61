// What the browser shows of a notification, outside of the page: one line has to say all that matters.
import type { AlertState } from '@quaywatch/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { noticeOf } from './notice.ts';
import { language } from './settings.ts';
import type { Heard } from './told.ts';

const AT = Date.parse('2025-06-18T06:30:00Z');
const about = {
  kind: 'drop',
  level: 'port',
  severity: 'warning',
  status: 'firing',
  phase: 'closed',
  terminals: [],
  contributors: [],
  evidence: [],
  since_ms: AT,
  completeness: 1,
  value: 10,
  simulated: false,
};
const alertOf = (id: string, port: string, more: Partial<AlertState> = {}) =>
  ({ ...about, alert_id: id, port, ...more }) as AlertState;
const alerts = new Map(
  [
    alertOf('worst', 'CNSHA', { severity: 'critical', simulated: true }),
    alertOf('other', 'CNNGB'),
    alertOf('over', 'CNTAO', { status: 'resolved' }),
  ].map((alert) => [alert.alert_id, alert]),
);
const items = ['worst', 'other', 'over'].map((id) => ({ key: `${id}/0/page`, alert_id: id, transition: 0 }));
const heard = (ids: readonly string[], of = items): Heard => ({
  decision: {
    kind: 'decision',
    id: 'd',
    receiver: 'page',
    reason: 'new',
    group: {},
    items: of,
    rules_version: 0,
    decided_at_ms: AT,
  },
  keys: ids.map((id) => `${id}/0/page`),
});

afterEach(() => {
  language.value = 'en';
});

describe('the line of a browser notification', () => {
  it.each([
    [
      'the worst, that it is simulated, and how many more',
      ['worst', 'other', 'over'],
      '[simulated] act now · Shanghai: drop (2 more)',
    ],
    ['the worst of what is news', ['other', 'over'], 'look today · Ningbo-Zhoushan: drop (1 more)'],
    ['that it is over', ['over'], 'resolved · Qingdao: drop'],
  ])('says %s', (_what, ids, title) => {
    language.value = 'en';
    const notice = noticeOf(heard(ids), alerts, AT);
    expect([notice?.title, notice?.key]).toEqual([title, `${ids[0]}/0/page`]);
  });
  it('says so in Chinese, and names the zone', () => {
    language.value = 'zh';
    expect(noticeOf(heard(['worst']), alerts, AT)).toMatchObject({
      title: '[模拟] 立即处理 · 上海：下跌',
      body: expect.stringMatching(/\(UTC\+8\)$/),
      alertId: 'worst',
    });
  });
  it('is of an alert that the page knows, or is none', () => {
    const unknown = { key: 'gone/0/page', alert_id: 'gone', transition: 0 };
    expect(noticeOf(heard(['gone'], [unknown]), alerts, AT)).toBeNull();
    expect(noticeOf(heard(['gone', 'other'], [unknown, ...items]), alerts, AT)?.alertId).toBe('other');
  });
});
