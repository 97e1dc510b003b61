/**
 * The one way in for a client's message: text → ClientMessage, or why not.
 * Knows the shapes only; whether a channel or a session exists is asked elsewhere.
 */
import { type ClientMessage, type PlayCommand, WIRE_LIMITS } from '@quaywatch/contracts';

export type Decoded =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly reason: string };

type Shape = Readonly<Record<string, unknown>>;

const bad = (reason: string): Decoded => ({ ok: false, reason });
const good = (message: ClientMessage): Decoded => ({ ok: true, message });

function shapeOf(value: unknown): Shape | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : undefined;
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8.64e15;
const isText = (value: unknown, charactersMax: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= charactersMax;
const isMissingOr = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

function decodeHello(shape: Shape): Decoded {
  const { v, token } = shape;
  if (!isId(v)) return bad('hello needs v, the protocol version');
  if (!isMissingOr(token, (value) => typeof value === 'string')) return bad('token is not text');
  const withToken = typeof token === 'string' ? { token } : {};
  if (shape['resume'] === undefined) return good({ t: 'hello', v, ...withToken });
  const resume = shapeOf(shape['resume']);
  const cursors = Object.entries(shapeOf(resume?.['cursors']) ?? {});
  const epoch = resume?.['epoch'];
  if (!isText(epoch, 200) || cursors.length > WIRE_LIMITS.subscriptionsMax)
    return bad('resume needs epoch and cursors');
  const texts: [string, string][] = [];
  for (const [channel, cursor] of cursors) {
    if (!isText(channel, 100) || !isText(cursor, 400)) return bad('a cursor is not text');
    texts.push([channel, cursor]);
  }
  return good({ t: 'hello', v, ...withToken, resume: { epoch, cursors: Object.fromEntries(texts) } });
}

function decodeOpen(shape: Shape): PlayCommand | undefined {
  const { run, fromMs, toMs, atMs, speed, paused, asKnown } = shape;
  if (!isText(run, 100) || !isTime(fromMs) || !isTime(toMs) || !isTime(speed)) return undefined;
  if (!isMissingOr(atMs, isTime) || !isMissingOr(paused, isBoolean) || !isMissingOr(asKnown, isBoolean))
    return undefined;
  return { do: 'open', run, fromMs, toMs, speed, ...optional({ atMs, paused, asKnown }) };
}

type Optional = { atMs?: number; speed?: number; paused?: boolean; asKnown?: boolean };

function optional(shape: Shape): Optional {
  const { atMs, speed, paused, asKnown } = shape;
  return {
    ...(isTime(atMs) ? { atMs } : {}),
    ...(isTime(speed) ? { speed } : {}),
    ...(isBoolean(paused) ? { paused } : {}),
    ...(isBoolean(asKnown) ? { asKnown } : {}),
  };
}

function decodePlay(shape: Shape): PlayCommand | undefined {
  if (shape['do'] === 'open') return decodeOpen(shape);
  const session = shape['session'];
  if (!isText(session, 40)) return undefined;
  if (shape['do'] === 'close') return { do: 'close', session };
  if (shape['do'] !== 'set') return undefined;
  const numbers = isMissingOr(shape['atMs'], isTime) && isMissingOr(shape['speed'], isTime);
  const facts = isMissingOr(shape['paused'], isBoolean) && isMissingOr(shape['asKnown'], isBoolean);
  return numbers && facts ? { do: 'set', session, ...optional(shape) } : undefined;
}

export function decodeClientMessage(text: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('the message is not JSON');
  }
  const shape = shapeOf(value);
  if (shape === undefined) return bad('the message is not an object');
  const { t, id, channel, seq, at } = shape;
  switch (t) {
    case 'hello':
      return decodeHello(shape);
    case 'sub':
      return isId(id) && isText(channel, 100) ? good({ t, id, channel }) : bad('sub needs id and channel');
    case 'unsub':
      return isId(id) ? good({ t, id }) : bad('unsub needs id');
    case 'ack':
      return isText(channel, 100) && isText(seq, 400) ? good({ t, channel, seq }) : bad('ack needs channel and seq');
    case 'ping':
      return isTime(at) ? good({ t, at }) : bad('ping needs at');
    case 'play': {
      const command = decodePlay(shapeOf(shape['command']) ?? {});
      return isId(id) && command !== undefined ? good({ t, id, command }) : bad('play needs id and a command');
    }
    default:
      return bad('t is none of hello, sub, unsub, ack, ping, play');
  }
}
