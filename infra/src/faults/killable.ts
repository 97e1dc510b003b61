/**
 * One of the product's processes that is killed and started again, and Kafka told at once that a killed member of a group is gone, which it
 * finds out by itself when the member's session has run out.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Kafka } from '@quaywatch/kafka';
import { root } from '../commands/command-line.ts';

export type Killable = {
  readonly name: string;
  readonly start: () => void;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  readonly stop: () => Promise<void>;
  /** Whether the one that runs now has said this. */
  readonly hasSaid: (words: string) => boolean;
  /** Ends that nobody had asked for. */
  readonly crashes: () => number;
  readonly said: () => string;
};

export function killable(name: string, main: string, env: Readonly<Record<string, string>>): Killable {
  let child: ChildProcess | undefined;
  let isAsked = false;
  let said = '';
  let before = '';
  let crashes = 0;
  const start = () => {
    isAsked = false;
    before = `${before}${said}`.slice(-8_000);
    said = '';
    const started = fork(join(root, main), [], {
      // Nothing of the caller's environment: its brokers are not ours.
      env: { ...env },
      execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child = started;
    started.stderr?.on('data', (chunk: Buffer) => {
      if (child === started) said = `${said}${chunk}`.slice(-200_000);
    });
    started.once('exit', () => {
      if (isAsked || child !== started) return;
      crashes++;
      start();
    });
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const ending = child;
    if (ending === undefined) return;
    isAsked = true;
    const ended = ending.exitCode === null && ending.signalCode === null ? once(ending, 'exit') : undefined;
    ending.kill(signal);
    await ended;
    child = undefined;
  };
  return {
    name,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    hasSaid: (words) => said.includes(words),
    crashes: () => crashes,
    said: () => `${before}${said}`.slice(-8_000),
  };
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);

/** LeaveGroup, version 1, as kafka.apache.org/protocol has it: kafkajs sends it for its own members alone. */
async function leaveGroup(broker: string, groupId: string, memberId: string): Promise<void> {
  const leave = { key: int16(13), version: int16(1), correlation: int32(1) };
  const request = Buffer.concat([
    leave.key,
    leave.version,
    leave.correlation,
    text('faults'),
    text(groupId),
    text(memberId),
  ]);
  const at = broker.lastIndexOf(':');
  const socket = connect(Number(broker.slice(at + 1)), broker.slice(0, at));
  try {
    socket.write(Buffer.concat([int32(request.length), request]));
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
}

/** Takes every member out of a group. Only while none of them runs. */
export async function endSessions(kafka: Kafka, brokers: readonly string[], groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([groupId]);
    for (const { memberId } of groups[0]?.members ?? []) await leaveGroup(brokers[0] ?? '', groupId, memberId);
  } finally {
    await admin.disconnect();
  }
}
