/**
 * A wire on loopback that can be made slow, cut, reset, or made to lose answers while clients use it.
 * Knows nothing of what goes through it, but for who looks into a request to choose whose answer is lost.
 */
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../ports.ts';

export type Wire =
  | { readonly kind: 'good' }
  /** Every byte comes so much later, and so many bytes a second come at most. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly bytesPerSecond?: number }
  /** Nothing comes through in either direction, and nobody is told; what was sent comes when the wire is mended. */
  | { readonly kind: 'cut' }
  /** Requests that hold these words are carried out and not answered: the connection ends instead. */
  | { readonly kind: 'answers_lost'; readonly to: string };

export type TcpProxy = {
  readonly port: number;
  set(wire: Wire): void;
  /** Ends every connection at once, as a middlebox that restarts. */
  reset(): void;
  /** Answers that were lost since the beginning. */
  lost(): number;
  stop(): Promise<void>;
};

/** Bytes on their way in one direction of one connection; beyond them the sender waits. */
const onTheWayMax = 4 * 1024 * 1024;

type Shared = { wire: Wire; lost: number; readonly mended: Set<() => void> };
type Link = { readonly client: Socket; readonly server: Socket; isAnswerLost: boolean };

/** Carries bytes of one direction in order. */
function carry(from: Socket, to: Socket, link: Link, shared: Shared): void {
  const queue: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  let waiting = 0;
  let freeAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(timer);
    shared.mended.delete(pump);
    to.destroy();
  };
  const pump = () => {
    clearTimeout(timer);
    for (let first = queue[0]; first !== undefined && shared.wire.kind !== 'cut'; first = queue[0]) {
      const inMs = first.dueMs - performance.now();
      if (inMs > 0) {
        timer = setTimeout(pump, inMs);
        return;
      }
      queue.shift();
      waiting -= first.chunk.length;
      to.write(first.chunk);
    }
    if (waiting < onTheWayMax && from.isPaused()) from.resume();
    if (queue.length === 0 && from.readableEnded) to.end();
  };
  shared.mended.add(pump);
  from.on('data', (chunk: Buffer) => {
    const { wire } = shared;
    if (from === link.client && wire.kind === 'answers_lost' && chunk.includes(wire.to)) link.isAnswerLost = true;
    if (from === link.server && link.isAnswerLost) {
      shared.lost++;
      link.client.resetAndDestroy();
      link.server.destroy();
      return;
    }
    const nowMs = performance.now();
    const slow = wire.kind === 'slow' ? wire : { latencyMs: 0, bytesPerSecond: undefined };
    freeAtMs = Math.max(freeAtMs, nowMs);
    if (slow.bytesPerSecond !== undefined) freeAtMs += (chunk.length / slow.bytesPerSecond) * 1000;
    queue.push({ chunk, dueMs: freeAtMs + slow.latencyMs });
    waiting += chunk.length;
    if (waiting >= onTheWayMax) from.pause();
    pump();
  });
  from.on('end', pump);
  from.on('close', () => {
    // What is still on its way is delivered first; a cut wire tells nobody that the other end is gone.
    if (queue.length === 0 && shared.wire.kind !== 'cut') end();
  });
  from.on('error', end);
  to.on('close', () => {
    clearTimeout(timer);
    shared.mended.delete(pump);
  });
}

/** @param port that clients know; 0 for any. @param targetPort asked at every connection: the target may move. */
export async function startTcpProxy(targetPort: () => number, port?: number): Promise<TcpProxy> {
  const shared: Shared = { wire: { kind: 'good' }, lost: 0, mended: new Set() };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: targetPort(), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const link: Link = { client, server: upstream, isAnswerLost: false };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    carry(client, upstream, link, shared);
    carry(upstream, client, link, shared);
  });
  const chosen = port ?? (await freePort());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(chosen, '127.0.0.1', resolve);
  });
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: chosen,
    set: (wire) => {
      shared.wire = wire;
      for (const mend of [...shared.mended]) mend();
    },
    reset,
    lost: () => shared.lost,
    stop: () => {
      reset();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
