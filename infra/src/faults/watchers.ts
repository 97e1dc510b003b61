/**
 * WebSocket clients that do what the page does: greet, subscribe, acknowledge, come back with their cursors, and prove by them that nothing was
 * missed. Look at no figures.
 */
import { PROTOCOL_VERSION, SUBPROTOCOL } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';

const ackEveryMs = 1_000;
const backoffMsMax = 8_000;
const random = createRandom(seedOf('watchers', 1));
/** Of a frame or snapshot, where its head ends. */
const headCharacters = 600;

export type Watcher = {
  /** Frames that do not go on from where the client stood. */
  readonly gaps: () => number;
  readonly updates: () => number;
  /** Close codes, in order. */
  readonly closes: () => readonly number[];
  /** How often it was welcomed, and how often the gateway went on from its cursors. */
  readonly welcomes: () => number;
  readonly resumes: () => number;
  /** Whether it stands somewhere in every channel since its last welcome. */
  readonly isInStep: () => boolean;
  readonly stop: () => void;
};

export type WatcherOptions = {
  readonly port: () => number;
  readonly channels: readonly string[];
  /** Milliseconds from the log time of news to its coming here. */
  readonly onNews?: (latencyMs: number) => void;
};

type Head = { t: string; channel: string; seq: string; epoch: string; prev: string; asOfMs: number };

/** What stands first in every update: parsing it whole would cost more than sending it. */
function headOf(text: string): Head {
  const head = text.slice(0, headCharacters);
  const of = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(head)?.[1] ?? '';
  const asOfMs = Number(/"as_of_ms":(-?\d+)/.exec(head)?.[1] ?? Number.NaN);
  return { t: of('t'), channel: of('channel'), seq: of('seq'), epoch: of('epoch'), prev: of('prev'), asOfMs };
}

export function watch({ port, channels, onNews }: WatcherOptions): Watcher {
  const cursors = new Map<string, { seq: string; epoch: string; asOfMs: number }>();
  const seen = new Set<string>();
  const unacked = new Map<string, string>();
  const closes: number[] = [];
  let [gaps, updates, welcomes, resumes, attempt] = [0, 0, 0, 0, 0];
  let epoch = '';
  let isOver = false;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const say = (message: unknown) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const welcome = (message: { epoch: string; resumed: boolean }) => {
    welcomes++;
    attempt = 0;
    if (message.resumed) resumes++;
    else cursors.clear();
    epoch = message.epoch;
    seen.clear();
    // Who is resumed stands where it stood: nothing may come in a channel in which nothing has happened.
    for (const channel of cursors.keys()) seen.add(channel);
    for (const [index, channel] of channels.entries()) say({ t: 'sub', id: index + 1, channel });
  };
  const take = ({ t, channel, seq, epoch: at, prev, asOfMs }: Head) => {
    updates++;
    const before = cursors.get(channel);
    if (t === 'frame' && (before === undefined || before.seq !== prev || before.epoch !== at)) gaps++;
    if (t === 'frame' && before !== undefined && asOfMs > before.asOfMs && channel === 'overview')
      onNews?.(Math.max(0, Date.now() - asOfMs));
    cursors.set(channel, { seq, epoch: at, asOfMs });
    seen.add(channel);
    unacked.set(channel, seq);
  };
  const open = () => {
    socket = new WebSocket(`ws://127.0.0.1:${port()}/ws`, SUBPROTOCOL);
    socket.onopen = () => {
      const known = Object.fromEntries([...cursors].map(([channel, { seq }]) => [channel, seq]));
      const resume = cursors.size === 0 ? {} : { resume: { epoch, cursors: known } };
      say({ t: 'hello', v: PROTOCOL_VERSION, ...resume });
    };
    socket.onmessage = ({ data }) => {
      const text = String(data);
      const head = headOf(text);
      if (head.t === 'welcome') welcome(JSON.parse(text));
      else if (head.t === 'frame' || head.t === 'snapshot') take(head);
    };
    socket.onclose = ({ code }) => {
      seen.clear();
      unacked.clear();
      if (isOver) return;
      closes.push(code);
      timer = setTimeout(open, random() * Math.min(backoffMsMax, 500 * 2 ** attempt++));
    };
  };
  const acking = setInterval(() => {
    for (const [channel, seq] of unacked) say({ t: 'ack', channel, seq });
    unacked.clear();
  }, ackEveryMs);
  open();
  return {
    gaps: () => gaps,
    updates: () => updates,
    closes: () => closes,
    welcomes: () => welcomes,
    resumes: () => resumes,
    isInStep: () => channels.every((channel) => seen.has(channel)),
    stop: () => {
      isOver = true;
      clearInterval(acking);
      clearTimeout(timer);
      socket?.close();
    },
  };
}
