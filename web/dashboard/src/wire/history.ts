/**
 * Fetches the hours behind the small charts once the socket is open: the snapshot has the newest windows only. A few ports at a time; those
 * that storage could not give are asked for again.
 */

import { effect } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';

import { api } from './api.ts';
import type { Connection } from './connection.ts';
import type { World } from './store.ts';

const atOnce = 4;
const AGAIN_MS = 30_000;

async function fetchHours(world: World, ports: readonly string[], fromMs: number, toMs: number): Promise<void> {
  const waiting = [...ports];
  const missed: string[] = [];
  const worker = async () => {
    for (let code = waiting.shift(); code !== undefined; code = waiting.shift()) {
      const answer = await api.throughput({ port: code, size: 3600, from: fromMs, to: toMs });
      if (answer.ok) world.putHistory(answer.value.windows);
      else missed.push(code);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (missed.length > 0) setTimeout(() => void fetchHours(world, missed, fromMs, toMs), AGAIN_MS);
}

export function startHistory(connection: Pick<Connection, 'link'>, world: World): void {
  let fetchedToMs = 0;
  effect(() => {
    const clock = world.clock.value;
    if (connection.link.value.kind !== 'open' || clock === null) return;
    // Later hours come as 5-minute windows; only a long absence leaves a hole to fill again.
    if (clock.asOfMs - fetchedToMs < 5 * HOUR_MS) {
      fetchedToMs = Math.max(fetchedToMs, clock.asOfMs - HOUR_MS);
      return;
    }
    fetchedToMs = clock.asOfMs;
    const endMs = Math.floor(clock.asOfMs / HOUR_MS) * HOUR_MS;
    const ports = PORTS.map((port) => port.code);
    void fetchHours(world, ports, endMs - DAY_MS, endMs);
  });
}
