/**
 * A scenario file full of incidents from its first day on, by seed: the more transitions there are, the more moments there are to kill at.
 * Judges no detection.
 */
import { writeFileSync } from 'node:fs';
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';

const kinds = ['closure', 'stall', 'drop', 'surge', 'silent_feed', 'double_counting'] as const;
/** Hours from the start without an incident, and the most between two of a port. */
const quietHours = 8;
const pauseHours = 60;

type Item = { kind: string; port: string; terminals?: string[]; from: string; to: string; factor?: number };

function itemsOf(port: { readonly code: string; readonly index: number }, days: number, seed: number): Item[] {
  const random = createRandom(seedOf('incidents', seed, port.code));
  const items: Item[] = [];
  let at = quietHours + random() * pauseHours;
  while (at < days * 24 - 2) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'stall';
    const hours = 1 + random() * 10;
    const own = TERMINALS.filter((one) => one.portIndex === port.index).map((one) => one.code);
    const some = own.filter(() => random() < 0.5);
    const isPart = some.length > 0 && (kind === 'stall' || kind === 'silent_feed' || kind === 'double_counting');
    items.push({
      kind,
      port: port.code,
      ...(isPart ? { terminals: some } : {}),
      from: `+${Math.round(at * 60)}m`,
      to: `+${Math.round((at + hours) * 60)}m`,
      ...(kind === 'drop' ? { factor: 0.3 } : kind === 'surge' ? { factor: 1.9 } : {}),
    });
    at += hours + 4 + random() * pauseHours;
  }
  return items;
}

export function writeIncidents(file: string, days: number, seed: number): void {
  const events = PORTS.flatMap((port) => itemsOf(port, days, seed)).slice(0, 500);
  writeFileSync(file, JSON.stringify({ name: 'faults', gives_back: true, imperfect: true, seed, events }));
}
