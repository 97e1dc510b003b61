// What the notifier keeps of one alert has a limit, however long the alert lasts and however often it changes.
import { expect, test } from 'vitest';
import { createKnowledge, filedMax, firstTold, putTransition, type Told } from './knowledge.ts';
import { minute, start, transition } from './testing.ts';

test('an alert whose terminals change without end keeps so many filings and no whole transitions, and is filed as it was first told', () => {
  const knowledge = createKnowledge();
  const changes = filedMax + 200;
  for (let number = 0; number < changes; number++) {
    const atMs = start + number * 5 * minute;
    putTransition(knowledge, transition('a', number, 'firing', atMs, { terminals: [`T${number % 3}`] }), atMs);
  }
  const life = knowledge.alerts.get('a');
  if (life === undefined) throw new Error('The alert is not known.');
  expect(life.filed).toHaveLength(filedMax);
  expect(life.filed.filter((one) => 'evidence' in one)).toEqual([]);
  const told = (asOf: number): Told => {
    const key = `a/${asOf}/page`;
    return { key, ending: '', transition: asOf, asOf, reason: 'new', decidedAtMs: start, group: {} };
  };
  expect(firstTold(life, [told(4), told(8)])).toMatchObject({ transition: 4, terminals: ['T1'] });
  expect(firstTold(life, [told(changes - 1)])).toMatchObject({ transition: filedMax - 1 });
  expect(firstTold(life, [])).toMatchObject({ transition: changes - 1, kind: 'drop' });
});
