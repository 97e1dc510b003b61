// What the default rules hold back while something else fires: a table line for each pair.
import { type AlertTransition, portOf, TERMINALS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { acknowledgementOf, holdOf, isOpen } from './holding.ts';
import { know, minute, start, transition } from './testing.ts';

type Alert = Partial<AlertTransition>;

const codesOf = (port: string): string[] =>
  TERMINALS.filter((terminal) => terminal.portIndex === portOf(port)?.index).map(({ code }) => code);

const portDrop: Alert = { kind: 'drop', level: 'port' };
const terminalStall: Alert = { kind: 'stall', level: 'terminal' };
const terminalSilent: Alert = { kind: 'feed_silent', level: 'terminal' };
const silentAt = (...terminals: string[]): Alert => ({ kind: 'feed_silent', level: 'port', terminals });
const sgict = 'CNSGH:SGICT';
const [, otherTerminal = ''] = codesOf('CNSHA').filter((code) => code !== sgict);
const lossOf = (...shares: (readonly [string, number])[]): Alert => ({
  ...portDrop,
  severity: 'critical',
  contributors: shares.map(([terminal, share_pct]) => ({ port: 'CNSHA', terminal, teu: -share_pct, share_pct })),
});
const terminalDouble: Alert = { kind: 'double_counting', level: 'terminal' };
const nationDrop: Alert = { kind: 'drop', level: 'nation', cluster: '', port: '', terminals: [] };

test.each<[string, Alert, Alert, boolean]>([
  ['a terminal’s stall while the port drops', portDrop, terminalStall, true],
  ['a terminal’s stall while another port drops', { ...portDrop, port: 'CNNGB' }, terminalStall, false],
  ['a terminal’s silent feed while the port drops', portDrop, terminalSilent, false],
  ['a terminal that sends twice while the port drops', portDrop, terminalDouble, false],
  [
    'a port’s drop that is mostly of the silent terminal',
    terminalSilent,
    lossOf([sgict, 60], [otherTerminal, 40]),
    true,
  ],
  ['a port’s drop that is mostly of others', terminalSilent, lossOf([otherTerminal, 60], [sgict, 40]), false],
  ['a port’s drop that is of others alone', terminalSilent, lossOf([otherTerminal, 100]), false],
  ['a port’s drop of which nobody knows the part', terminalSilent, lossOf(), false],
  [
    'a port’s drop that is of two silent ones',
    silentAt(sgict, otherTerminal),
    lossOf([sgict, 30], [otherTerminal, 30]),
    true,
  ],
  ['a port’s drop while it is silent as a whole', silentAt(...codesOf('CNSHA')), lossOf(), true],
  [
    'a port’s stall while one feed of it is silent',
    terminalSilent,
    { ...lossOf([otherTerminal, 100]), kind: 'stall' },
    false,
  ],
  ['the stall of the silent terminal', terminalSilent, terminalStall, true],
  ['the stall of a silent terminal among others', silentAt(sgict, otherTerminal), terminalStall, true],
  ['the stall of another terminal', terminalSilent, { ...terminalStall, terminals: [otherTerminal] }, false],
  ['a port’s drop while the nation drops', nationDrop, portDrop, true],
  ['a port’s critical drop while the nation drops', nationDrop, { ...portDrop, severity: 'critical' }, false],
  ['a port’s surge while the nation drops', nationDrop, { kind: 'surge', level: 'port' }, false],
])('%s is held back: %4$s', (_name, other, alert, isHeld) => {
  const knowledge = know(
    [other, alert].map((one, i) => ({ at: start, transition: transition(`a${i}`, 0, 'firing', start, one) })),
    [],
  );
  const open = [...knowledge.alerts.values()].filter(isOpen);
  const [by, life] = open;
  if (life === undefined) throw new Error('The alert is not open.');
  const hold = holdOf(knowledge, open, life, knowledge.rules.routing.route, start + minute);
  expect(hold).toEqual(isHeld ? { because: 'inhibited', by: by?.id } : undefined);
});

// The page and the gateway know no time of arrival: an acknowledgement that one of them shows is one that the notifier goes by.
test.each([
  ['before it was known', 5, undefined],
  ['after it was known and before it arrived', 15, 'ack'],
  ['after it arrived', 25, 'ack'],
])('an acknowledgement of before, given %s that the alert is more severe', (_name, minutes, holds) => {
  const knowledge = know(
    [
      { at: start, transition: transition('a', 0, 'firing', start) },
      {
        at: start + 20 * minute,
        transition: transition('a', 1, 'firing', start + 10 * minute, { severity: 'critical' }),
      },
      {
        at: start + 30 * minute,
        action: { kind: 'acknowledge', id: 'ack', alert_id: 'a', by: 'li', note: '', at_ms: start + minutes * minute },
      },
    ],
    [],
  );
  const [life] = knowledge.alerts.values();
  expect(life && acknowledgementOf(knowledge, life)).toBe(holds);
});
