/**
 * Channels and their subscribers: cuts one frame a channel and tick, serialises it once, and brings everybody who is not in step
 * (new, resumed, slow) there with a snapshot or one merged frame. Knows no network: a sink takes text.
 */
import { type Channel, CLOSE_CODES, type Cursor } from '@quaywatch/contracts';
import { noteSent, paceMs, rungOf, type Unacked } from './ladder.ts';
import type { View } from './view.ts';

/** Where a client's frames go. */
export type Sink = {
  readonly send: (text: Buffer) => void;
  readonly bufferedBytes: () => number;
  readonly close: (code: number, reason: string) => void;
};

export type Subscription = {
  readonly id: number;
  readonly channel: Channel;
  readonly client: HubClient;
  /** Position of the newest frame sent; undefined: needs a snapshot. */
  cursor: Cursor | undefined;
  epoch: string;
  sentAtMs: number;
  readonly unacked: Unacked;
};

export type HubClient = { readonly sink: Sink; hasAcked: boolean; isClosed: boolean };

export type HubCounters = {
  readonly frames: (by: number) => void;
  readonly bytes: (by: number) => void;
  readonly conflated: () => void;
  readonly slowCloses: () => void;
  /** Milliseconds from Kafka's acceptance to the cut of the frame. */
  readonly cut: (channel: Channel, asOfMs: number) => void;
};

export type HubPorts = {
  /** View of a channel; undefined: there is no such channel. */
  readonly viewOf: (channel: Channel) => View | undefined;
  readonly epochOf: (channel: Channel) => string;
  readonly counters: HubCounters;
  /** Runs later, after what is waiting: `setImmediate`. */
  readonly later: (work: () => void) => void;
};

type Room = {
  readonly channel: Channel;
  view: View;
  readonly subscriptions: Set<Subscription>;
  cursor: Cursor;
  token: string;
  epoch: string;
  isSending: boolean;
};

/** A tick over 5,000 sockets would hold the loop for 80 ms. */
const socketsAtOnce = 500;

export type Hub = ReturnType<typeof createHub>;

export function createHub(ports: HubPorts) {
  const rooms = new Map<Channel, Room>();

  const roomOf = (channel: Channel): Room | undefined => {
    const known = rooms.get(channel);
    if (known !== undefined) return known;
    const view = ports.viewOf(channel);
    if (view === undefined) return undefined;
    const epoch = ports.epochOf(channel);
    const cursor = view.cursor();
    const room = { channel, view, subscriptions: new Set<Subscription>(), cursor, token: '', epoch, isSending: false };
    rooms.set(channel, room);
    return room;
  };

  return {
    /** @param resumeFrom cursor to go on from; the caller has checked its epoch. @returns undefined: no such channel. */
    subscribe(client: HubClient, id: number, channel: Channel, resumeFrom?: Cursor): Subscription | undefined {
      const room = roomOf(channel);
      if (room === undefined) return undefined;
      const subscription: Subscription = {
        id,
        channel,
        client,
        cursor: resumeFrom,
        epoch: room.epoch,
        sentAtMs: Number.NEGATIVE_INFINITY,
        unacked: [],
      };
      room.subscriptions.add(subscription);
      return subscription;
    },
    unsubscribe(subscription: Subscription): void {
      const room = rooms.get(subscription.channel);
      room?.subscriptions.delete(subscription);
      if (room?.subscriptions.size === 0) rooms.delete(room.channel);
    },
    /** Whether a channel's view could go on from a cursor. */
    canResume(channel: Channel, cursor: Cursor): boolean {
      return ports.viewOf(channel)?.canResume(cursor) === true;
    },
    /** Cuts and sends. `nowMs` is the gateway's own clock: pace and acknowledgements are wall-clock matters. */
    tick(nowMs: number): void {
      for (const room of rooms.values()) if (!room.isSending) tickRoom(room, ports, nowMs);
    },
    subscriptionCount: (): number => [...rooms.values()].reduce((sum, room) => sum + room.subscriptions.size, 0),
  };
}

function head(room: Room, seq: Cursor): string {
  return `"channel":${JSON.stringify(room.channel)},"epoch":${JSON.stringify(room.epoch)},"seq":"${seq}","as_of_ms":${room.view.asOfMs()},"watermark_ms":${room.view.watermarkMs()}`;
}

function frameOf(room: Room, prev: Cursor, body: string): Buffer {
  return Buffer.from(`{"t":"frame","prev":"${prev}",${head(room, room.cursor)}${body === '' ? '' : ','}${body}}`);
}

type Cut = { readonly prev: Cursor; readonly frame: Buffer | undefined };

/** Moves the room to where its view is now. The frame is undefined when there is nothing to say, or nobody could use it. */
function cutRoom(room: Room, ports: HubPorts): Cut {
  const prev = room.cursor;
  const epoch = ports.epochOf(room.channel);
  const isNewEpoch = epoch !== room.epoch;
  // A rebuilt history may stand behind a new view.
  if (isNewEpoch) room.view = ports.viewOf(room.channel) ?? room.view;
  const cursor = room.view.cursor();
  const token = room.view.token();
  if (!isNewEpoch && cursor === prev && token === room.token) return { prev, frame: undefined };
  const isInStep = [...room.subscriptions].some((subscription) => subscription.cursor === prev);
  const body = isNewEpoch || !isInStep ? undefined : room.view.since(prev);
  room.cursor = cursor;
  room.token = token;
  room.epoch = epoch;
  if (body === undefined) return { prev, frame: undefined };
  ports.counters.cut(room.channel, room.view.asOfMs());
  return { prev, frame: frameOf(room, prev, body) };
}

function rungFor(subscription: Subscription, nowMs: number) {
  const { client } = subscription;
  const oldest = client.hasAcked ? subscription.unacked[0] : undefined;
  return rungOf(client.sink.bufferedBytes(), oldest === undefined ? 0 : nowMs - oldest.atMs);
}

function deliver(room: Room, subscription: Subscription, buffer: Buffer, ports: HubPorts, nowMs: number): void {
  if (subscription.client.isClosed) return;
  subscription.client.sink.send(buffer);
  subscription.cursor = room.cursor;
  subscription.epoch = room.epoch;
  subscription.sentAtMs = nowMs;
  noteSent(subscription.unacked, room.cursor, nowMs);
  ports.counters.frames(1);
  ports.counters.bytes(buffer.length);
}

function tickRoom(room: Room, ports: HubPorts, nowMs: number): void {
  const { prev, frame } = cutRoom(room, ports);
  const inStep: Subscription[] = [];
  const merged = new Map<Cursor, Buffer | undefined>();
  const snapshot = { body: undefined as string | undefined };
  for (const subscription of [...room.subscriptions]) {
    if (subscription.client.isClosed) continue;
    const rung = rungFor(subscription, nowMs);
    if (rung === 'closed') {
      ports.counters.slowCloses();
      subscription.client.sink.close(CLOSE_CODES.slow_consumer, 'slow_consumer');
      continue;
    }
    const isSameEpoch = subscription.epoch === room.epoch;
    if (frame !== undefined && rung === 'at_pace' && isSameEpoch && subscription.cursor === prev) {
      inStep.push(subscription);
      continue;
    }
    if (isSameEpoch && subscription.cursor === room.cursor) continue;
    if (nowMs - subscription.sentAtMs < paceMs(rung)) continue;
    if (rung !== 'at_pace') ports.counters.conflated();
    catchUp(room, subscription, isSameEpoch, { merged, snapshot }, ports, nowMs);
  }
  if (frame !== undefined) broadcast(room, inStep, prev, frame, ports, nowMs);
}

/** One merged frame beyond the client's own cursor, or a snapshot; each is built once a tick for all who need the same. */
function catchUp(
  room: Room,
  subscription: Subscription,
  isSameEpoch: boolean,
  built: { merged: Map<Cursor, Buffer | undefined>; snapshot: { body: string | undefined } },
  ports: HubPorts,
  nowMs: number,
): void {
  const from = isSameEpoch ? subscription.cursor : undefined;
  if (from !== undefined && !built.merged.has(from)) {
    const body = room.view.since(from);
    built.merged.set(from, body === undefined ? undefined : frameOf(room, from, body));
  }
  const frame = from === undefined ? undefined : built.merged.get(from);
  if (frame !== undefined) return deliver(room, subscription, frame, ports, nowMs);
  built.snapshot.body ??= `${head(room, room.cursor)},${room.view.snapshot()}`.replace(/,$/, '');
  const text = `{"t":"snapshot","id":${subscription.id},${built.snapshot.body}}`;
  deliver(room, subscription, Buffer.from(text), ports, nowMs);
}

function broadcast(
  room: Room,
  inStep: readonly Subscription[],
  prev: Cursor,
  frame: Buffer,
  ports: HubPorts,
  nowMs: number,
): void {
  const sendFrom = (first: number): void => {
    for (const subscription of inStep.slice(first, first + socketsAtOnce))
      if (subscription.cursor === prev && room.subscriptions.has(subscription))
        deliver(room, subscription, frame, ports, nowMs);
    const next = first + socketsAtOnce;
    room.isSending = next < inStep.length;
    if (room.isSending) ports.later(() => sendFrom(next));
  };
  sendFrom(0);
}
