/**
 * WebSockets on the HTTP server: the handshake's checks, limits on what comes in, the heartbeat, and the end.
 * What is said over a socket is the session's matter.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL, WIRE_LIMITS } from '@quaywatch/contracts';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GuardSettings, isHostAllowed, isOriginAllowed } from './guard.ts';
import type { Sink } from './hub.ts';
import { createSession, type Session, type SessionPorts } from './session.ts';

export type SocketServerOptions = {
  readonly guard: GuardSettings;
  readonly ports: SessionPorts;
  /** False until the state is there: clients are told to come again, not given an empty page. */
  readonly isReady: () => boolean;
  readonly connectionsMax: number;
  readonly connections: (count: number) => void;
  readonly helloWithinMs?: number;
  readonly heartbeatMs?: number;
};

const missedPongsMax = 2;

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`);
}

/** Why a handshake is refused; undefined: it is not. */
function refusalOf(
  request: IncomingMessage,
  options: SocketServerOptions,
  count: number,
): [string, string] | undefined {
  const { host, origin } = request.headers;
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/ws') return ['404 Not Found', ''];
  if (!isHostAllowed(host, options.guard) || !isOriginAllowed(origin, host, options.guard))
    return ['403 Forbidden', ''];
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) return ['400 Bad Request', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n`];
  if (count >= options.connectionsMax || !options.isReady()) return ['503 Service Unavailable', 'Retry-After: 2\r\n'];
  return undefined;
}

function sinkOf(socket: WebSocket): Sink {
  return {
    send: (buffer) => {
      if (socket.readyState === socket.OPEN) socket.send(buffer, { binary: false });
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => {
      socket.close(code, reason);
      // A peer that does not answer the close must not hold its memory.
      setTimeout(() => socket.terminate(), 2_000).unref();
    },
  };
}

export function serveSockets(server: Server, options: SocketServerOptions) {
  const sessions = new Map<WebSocket, { session: Session; missed: number }>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: WIRE_LIMITS.inboundBytesMax,
    maxFragments: 16,
    maxBufferedChunks: 256,
    handleProtocols: () => SUBPROTOCOL,
  });

  const accept = (socket: WebSocket) => {
    const session = createSession(sinkOf(socket), options.ports);
    sessions.set(socket, { session, missed: 0 });
    options.connections(sessions.size);
    const timer = setTimeout(() => session.helloTimedOut(), options.helloWithinMs ?? WIRE_LIMITS.helloWithinMs);
    socket.on('message', (data, isBinary) => session.receive(String(data), isBinary));
    socket.on('pong', () => {
      const entry = sessions.get(socket);
      if (entry !== undefined) entry.missed = 0;
    });
    // ws closes the connection itself, with the right code, after an error such as a message over its limit.
    socket.on('error', () => session.end());
    socket.on('close', () => {
      clearTimeout(timer);
      session.end();
      sessions.delete(socket);
      options.connections(sessions.size);
    });
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, first: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, options, sessions.size);
    if (refusal !== undefined) return refuse(socket, ...refusal);
    sockets.handleUpgrade(request, socket, first, accept);
  });

  const heartbeat = setInterval(() => {
    for (const [socket, entry] of sessions) {
      if (entry.missed >= missedPongsMax) socket.terminate();
      entry.missed += 1;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }, options.heartbeatMs ?? WIRE_LIMITS.heartbeatMs);

  return {
    /** Says goodbye to everybody, with times to come back spread so that they do not all come at once. */
    close(): void {
      clearInterval(heartbeat);
      for (const { session } of sessions.values()) session.bye(Math.round(500 + Math.random() * 4_500));
    },
  };
}
