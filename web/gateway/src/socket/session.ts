/**
 * One connection's life: hello within its time, then subscriptions, acknowledgements and player commands, all under limits.
 * Knows no network and no clock of its own: both are given.
 */
import { timingSafeEqual } from 'node:crypto';
import {
  CLOSE_CODES,
  type ClientMessage,
  type PlayCommand,
  type PlayState,
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
  type ServerMessage,
  WIRE_LIMITS,
} from '@quaywatch/contracts';
import { decodeClientMessage } from './decode.ts';
import type { Hub, HubClient, Sink, Subscription } from './hub.ts';
import { noteAcked } from './ladder.ts';

export type Players = {
  /** @throws PlayError */
  readonly command: (owner: object, command: PlayCommand) => Promise<PlayState>;
  readonly closeAll: (owner: object) => void;
};

/** A player command that cannot be done; `code` is for the client. */
export class PlayError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type SessionPorts = {
  readonly hub: Hub;
  readonly players: Players;
  readonly token: string;
  readonly version: string;
  readonly isSimulated: boolean;
  readonly epoch: () => string;
  readonly nowMs: () => number;
  readonly resumed: (result: 'recovered' | 'snapshot') => void;
};

/** Bucket of messages: it refills at the stated rate and holds a burst, so that a page can subscribe to everything at once. */
const burstMax = WIRE_LIMITS.inboundMessagesPerSecondMax * 2;

function isSameSecret(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

export type Session = ReturnType<typeof createSession>;

export function createSession(sink: Sink, ports: SessionPorts) {
  const client: HubClient = { sink, hasAcked: false, isClosed: false };
  const subscriptions = new Map<number, Subscription>();
  /** Where resumed channels go on. Each serves once: who asks for a channel again has forgotten what it knew. */
  let cursors = new Map<string, string>();
  let isWelcome = false;
  let tokens: number = burstMax;
  let filledAtMs = ports.nowMs();

  const say = (message: ServerMessage) => {
    if (!client.isClosed) sink.send(Buffer.from(JSON.stringify(message)));
  };
  const refuse = (code: number, reason: string, message: string) => {
    say({ t: 'error', code: reason, message });
    end();
    sink.close(code, reason);
  };
  const end = () => {
    if (client.isClosed) return;
    client.isClosed = true;
    for (const subscription of subscriptions.values()) ports.hub.unsubscribe(subscription);
    subscriptions.clear();
    ports.players.closeAll(client);
  };
  const takeToken = (): boolean => {
    const nowMs = ports.nowMs();
    const refill = ((nowMs - filledAtMs) / 1000) * WIRE_LIMITS.inboundMessagesPerSecondMax;
    tokens = Math.min(burstMax, tokens + Math.max(0, refill)) - 1;
    filledAtMs = nowMs;
    return tokens >= 0;
  };

  const hello = (message: Extract<ClientMessage, { t: 'hello' }>) => {
    if (isWelcome) return refuse(CLOSE_CODES.bad_request, 'bad_request', 'hello was already said.');
    if (ports.token !== '' && !isSameSecret(message.token ?? '', ports.token))
      return refuse(CLOSE_CODES.unauthorised, 'unauthorised', 'The token is missing or wrong.');
    if (message.v < PROTOCOL_VERSION_MIN || message.v > PROTOCOL_VERSION)
      return refuse(CLOSE_CODES.bad_request, 'unknown_version', `This gateway speaks version ${PROTOCOL_VERSION}.`);
    isWelcome = true;
    const { resume } = message;
    const resumed =
      resume !== undefined &&
      resume.epoch === ports.epoch() &&
      Object.entries(resume.cursors).every(
        ([channel, cursor]) => !channel.startsWith('play/') && ports.hub.canResume(channel, cursor),
      );
    if (resumed) cursors = new Map(Object.entries(resume.cursors));
    if (resume !== undefined) ports.resumed(resumed ? 'recovered' : 'snapshot');
    say({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      epoch: ports.epoch(),
      server_time_ms: ports.nowMs(),
      heartbeat_ms: WIRE_LIMITS.heartbeatMs,
      limits: WIRE_LIMITS,
      simulated: ports.isSimulated,
      version: ports.version,
      resumed,
    });
  };

  const subscribe = (id: number, channel: string) => {
    if (subscriptions.has(id)) return say({ t: 'error', id, code: 'duplicate_id', message: 'This id is in use.' });
    if (subscriptions.size >= WIRE_LIMITS.subscriptionsMax)
      return say({
        t: 'error',
        id,
        code: 'too_many_subscriptions',
        message: `At most ${WIRE_LIMITS.subscriptionsMax}.`,
      });
    const subscription = ports.hub.subscribe(client, id, channel, cursors.get(channel));
    cursors.delete(channel);
    if (subscription === undefined)
      return say({ t: 'error', id, code: 'unknown_channel', message: `There is no channel ${channel}.` });
    subscriptions.set(id, subscription);
  };

  const play = (id: number, command: PlayCommand) => {
    ports.players.command(client, command).then(
      (state) => say({ t: 'played', id, session: state.session, state }),
      (error: unknown) => {
        const code = error instanceof PlayError ? error.code : 'unavailable';
        const message = error instanceof PlayError ? error.message : 'The run could not be read. Try again shortly.';
        say({ t: 'error', id, code, message });
      },
    );
  };

  const handle = (message: ClientMessage): void => {
    if (message.t === 'hello') return hello(message);
    if (!isWelcome) return refuse(CLOSE_CODES.bad_request, 'bad_request', 'The first message must be hello.');
    switch (message.t) {
      case 'sub':
        return subscribe(message.id, message.channel);
      case 'unsub': {
        const subscription = subscriptions.get(message.id);
        subscriptions.delete(message.id);
        return subscription === undefined ? undefined : ports.hub.unsubscribe(subscription);
      }
      case 'ack':
        client.hasAcked = true;
        for (const subscription of subscriptions.values())
          if (subscription.channel === message.channel) noteAcked(subscription.unacked, message.seq);
        return;
      case 'ping':
        return say({ t: 'pong', at: message.at });
      case 'play':
        return play(message.id, message.command);
    }
  };

  return {
    /** One inbound message. Rubbish and floods end the connection with a code that says which. */
    receive(text: string, isBinary: boolean): void {
      if (client.isClosed) return;
      if (!takeToken())
        return refuse(CLOSE_CODES.too_many_messages, 'too_many_messages', 'Too many messages a second.');
      if (isBinary) return refuse(CLOSE_CODES.bad_request, 'bad_request', 'Messages are text.');
      const decoded = decodeClientMessage(text);
      if (!decoded.ok) return refuse(CLOSE_CODES.bad_request, 'bad_request', decoded.reason);
      handle(decoded.message);
    },
    /** Ends a connection that has not said hello. */
    helloTimedOut(): void {
      if (!isWelcome) refuse(CLOSE_CODES.hello_timeout, 'hello_timeout', 'hello did not come in time.');
    },
    bye(retryAfterMs: number): void {
      say({ t: 'bye', code: CLOSE_CODES.going_away, retry_after_ms: retryAfterMs });
      end();
      sink.close(CLOSE_CODES.going_away, 'going_away');
    },
    end,
  };
}
