/**
 * Producers whose messages say their partition, and sends of one partition each: kafkajs tries a send of several partitions again without those
 * whose new leader has already answered for others, and says that all went well (docs/adr/0010). Keeps nothing and tries nothing again itself.
 */
import type { Kafka, Message, Producer, ProducerConfig } from 'kafkajs';

/** kafkajs groups a send's messages in quadratic time: it copies the list for every message. */
export const messagesPerSendMax = 250;
/** A broker refuses a batch over 1 MiB (`message.max.bytes`) unless it is told otherwise, and will refuse it again. */
export const bytesPerSendMax = 768 * 1024;

/** Idempotent: a batch that is sent again after a lost answer is stored once. A message without a partition goes to the first. */
export function createProducer(kafka: Kafka, config: Omit<ProducerConfig, 'createPartitioner'> = {}): Producer {
  return kafka.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    ...config,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
}

/**
 * Messages of one partition in their order, a few hundred and less than a mebibyte at a time. Resolves when all in-sync replicas have them.
 * @throws at the first send that fails; those after it were not sent.
 */
export async function sendInOrder(producer: Producer, topic: string, messages: readonly Message[]): Promise<void> {
  for (const send of sendsOf(messages)) await producer.send({ topic, acks: -1, messages: send });
}

/** Messages in their order, as many together as go into one send: one at least. */
export function* sendsOf(messages: readonly Message[]): Generator<Message[]> {
  for (let at = 0; at < messages.length; ) {
    const count = countOfSend(messages, at);
    yield messages.slice(at, at + count);
    at += count;
  }
}

function countOfSend(messages: readonly Message[], at: number): number {
  let bytes = 0;
  let count = 0;
  for (const message of messages.slice(at, at + messagesPerSendMax)) {
    bytes += sizeOf(message);
    if (count > 0 && bytes > bytesPerSendMax) break;
    count++;
  }
  return count;
}

function sizeOf({ key, value, headers }: Message): number {
  const lengths = [key ?? '', value ?? '', ...Object.entries(headers ?? {}).flat(2)];
  return lengths.reduce((sum: number, part) => sum + Buffer.byteLength(part ?? ''), 0);
}

/**
 * Messages of any partitions, those of a partition in their order. Resolves when all in-sync replicas have them.
 * @throws what one send threw, after all have come to their end: nothing is on its way any more when somebody goes on from where the log stands.
 */
export async function sendByPartition(
  producer: Pick<Producer, 'send'>,
  topic: string,
  messages: readonly Message[],
): Promise<void> {
  const byPartition = Map.groupBy(messages, ({ partition }) => partition ?? 0);
  const sends = [...byPartition.values()].map((own) => producer.send({ topic, acks: -1, messages: own }));
  const failed = (await Promise.allSettled(sends)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
