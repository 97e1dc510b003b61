import { expect, test } from 'vitest';
import { NOW } from '../testing.ts';
import { createCalendarImport } from './import.ts';

const withRule = (rule: string) =>
  `BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261101T000000Z\nDURATION:PT1H\nRRULE:${rule}\nEND:VEVENT\nEND:VCALENDAR`;

test('a calendar is read in a thread of its own', async () => {
  const result = await createCalendarImport()('c', withRule('FREQ=DAILY;COUNT=2'), NOW);
  expect(result).toMatchObject({ ok: true, calendar: { intervals: [{}, {}] }, problems: [] });
});

test.each(['FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=31'])(
  'a rule without a day, %s, ends with its time',
  async (rule) => {
    const result = await createCalendarImport(1_500)('c', withRule(rule), NOW);
    expect(result.problems).toHaveLength(1);
  },
);

test('two at once, and no more', async () => {
  const read = createCalendarImport();
  const both = [read('c', withRule('FREQ=DAILY'), NOW), read('c', withRule('FREQ=DAILY'), NOW)];
  await expect(read('c', withRule('FREQ=DAILY'), NOW)).rejects.toMatchObject({ status: 429 });
  await Promise.all(both);
  expect(await read('c', withRule('FREQ=DAILY'), NOW)).toMatchObject({ ok: true });
});
