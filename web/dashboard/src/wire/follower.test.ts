import type { ServerMessage } from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { decodeServerMessage } from './decode.ts';
import { createFollower } from './follower.ts';

type Update = Extract<ServerMessage, { t: 'snapshot' | 'frame' }>;
const rest = { epoch: 'e', as_of_ms: 0, watermark_ms: 0 };
const snapshot = (channel: string, seq: string): Update => ({ t: 'snapshot', id: 1, channel, seq, ...rest });
const frame = (channel: string, prev: string, seq: string): Update => ({ t: 'frame', channel, prev, seq, ...rest });

describe('follower', () => {
  it('takes frames that follow each other, and finds one that is missing', () => {
    const follower = createFollower();
    const verdicts = [snapshot('overview', '1'), frame('overview', '1', '2'), frame('overview', '3', '4')].map(
      follower.judge,
    );
    expect(verdicts).toEqual(['apply', 'apply', 'gap']);
  });
  it('ignores what was under way until the new snapshot', () => {
    const follower = createFollower();
    follower.judge(snapshot('overview', '1'));
    follower.judge(frame('overview', '7', '8'));
    expect(follower.judge(frame('overview', '8', '9'))).toBe('ignore');
    expect(follower.judge(snapshot('overview', '9'))).toBe('apply');
    expect(follower.judge(frame('overview', '9', '10'))).toBe('apply');
  });
  it('follows each channel by itself', () => {
    const follower = createFollower();
    follower.judge(snapshot('overview', '1'));
    follower.judge(snapshot('alerts', '1'));
    expect(follower.judge(frame('overview', '0', '2'))).toBe('gap');
    expect(follower.judge(frame('alerts', '1', '2'))).toBe('apply');
  });
  it('resumes from its cursors, and from nothing in a new epoch', () => {
    const follower = createFollower();
    follower.setEpoch('e1');
    follower.judge(snapshot('overview', '5'));
    expect(follower.resume(['overview', 'alerts'])).toEqual({ epoch: 'e1', cursors: { overview: '5' } });
    follower.setEpoch('e2');
    expect(follower.resume(['overview'])).toBeUndefined();
  });
});

describe('backoff', () => {
  it.each([
    [1, 1, 1_000],
    [1, 0, 500],
    [4, 1, 8_000],
    [30, 1, 30_000],
    [30, 0.5, 15_000],
  ])('attempt %s with %s waits %s ms', (attempt, random, expected) =>
    expect(backoffMs(attempt, random)).toBe(expected),
  );
});

describe('decodeServerMessage', () => {
  it.each(['', 'null', '[]', '{"t":"nonsense"}', '{'])('refuses %s', (text) =>
    expect(decodeServerMessage(text)).toBeUndefined(),
  );
  it('takes a pong', () => expect(decodeServerMessage('{"t":"pong","at":1}')).toEqual({ t: 'pong', at: 1 }));
});
