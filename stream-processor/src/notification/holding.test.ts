// What the default rules hold back while something else fires: a table line for each pair.
import type { AlertTransition } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { holdOf, isOpen } from './holding.ts';
import { know, minute, start, transition } from './testing.ts';

type Alert = Partial<AlertTransition>;

const portDrop: Alert = { kind: 'drop', level: 'port' };
const terminalStall: Alert = { kind: 'stall', level: 'terminal' };
const terminalSilent: Alert = { kind: 'feed_silent', level: 'terminal' };
const portSilent: Alert = { kind: 'feed_silent', level: 'port' };
const terminalDouble: Alert = { kind: 'double_counting', level: 'terminal' };
const nationDrop: Alert = { kind: 'drop', level: 'nation', cluster: '', port: '', terminals: [] };

test.each<[string, Alert, Alert, boolean]>([
  ['a terminal’s stall while the port drops', portDrop, terminalStall, true],
  ['a terminal’s stall while another port drops', { ...portDrop, port: 'CNNGB' }, terminalStall, false],
  ['a terminal’s silent feed while the port drops', portDrop, terminalSilent, false],
  ['a terminal that sends twice while the port drops', portDrop, terminalDouble, false],
  ['a port’s drop while its feed is silent', portSilent, portDrop, true],
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
