import { expect, test } from 'vitest';
import { bytesPerSendMax, messagesPerSendMax, sendByPartition, sendInOrder } from './producer.ts';

type Sent = {
  readonly topic: string;
  readonly messages: readonly { readonly partition?: number; readonly value: unknown }[];
};

/** Records what is sent; sends of these partitions fail, after those of the others have come to their end. */
function recorder(failing: readonly number[] = []) {
  const sent: Sent[] = [];
  const ended: number[] = [];
  const send = async (record: Sent) => {
    sent.push(record);
    const partition = record.messages[0]?.partition ?? 0;
    const isFailing = failing.includes(partition);
    for (let turn = 0; turn < (isFailing ? 1 : 5); turn++) await Promise.resolve();
    ended.push(partition);
    if (isFailing) throw new Error(`partition ${partition} has no leader`);
    return [];
  };
  return { sent, ended, producer: { send } as unknown as Parameters<typeof sendInOrder>[0] };
}

const message = (partition: number, value: number) => ({ partition, value: String(value) });

test('a send names one partition, and keeps the order of its messages', async () => {
  const { producer, sent } = recorder();
  await sendByPartition(producer, 't', [message(3, 1), message(1, 2), message(3, 3), message(1, 4), message(0, 5)]);
  expect(sent.map(({ messages }) => messages.map((one) => `${one.partition}:${one.value}`))).toEqual([
    ['3:1', '3:3'],
    ['1:2', '1:4'],
    ['0:5'],
  ]);
});

test('a send that fails is told when the others have come to their end', async () => {
  const { producer, ended } = recorder([1]);
  const sending = sendByPartition(producer, 't', [message(1, 1), message(2, 2), message(3, 3)]);
  await expect(sending).rejects.toThrow('partition 1 has no leader');
  expect([...ended].sort()).toEqual([1, 2, 3]);
});

test('many messages go a few hundred at a time, and nothing goes after one that failed', async () => {
  const many = Array.from({ length: 2 * messagesPerSendMax + 1 }, (_, i) => message(5, i));
  const good = recorder();
  await sendInOrder(good.producer, 't', many);
  expect(good.sent.map(({ messages }) => messages.length)).toEqual([messagesPerSendMax, messagesPerSendMax, 1]);
  expect(good.sent.flatMap(({ messages }) => messages)).toEqual(many);
  const bad = recorder([5]);
  await expect(sendInOrder(bad.producer, 't', many)).rejects.toThrow();
  expect(bad.sent).toHaveLength(1);
});

test('what a send carries is less than a broker takes in one batch: dead letters are 64 KiB each', async () => {
  const letter = { partition: 0, key: 'CNSHA', value: Buffer.alloc(65_536), headers: { reason: 'unreadable' } };
  const whole = { partition: 0, value: Buffer.alloc(bytesPerSendMax + 1) };
  const { producer, sent } = recorder();
  await sendInOrder(producer, 't', [...Array.from({ length: 30 }, () => letter), whole, letter]);
  expect(sent.map(({ messages }) => messages.length)).toEqual([11, 11, 8, 1, 1]);
});
