/** Publishes what a live run says: throughput rows and marks, alert transitions, dead letters with their bytes, ticks. At least once. */
import { createHash } from 'node:crypto';
import {
  ALERTS_TOPIC,
  type AlertTransition,
  type ClosedThroughMark,
  cloudEventHeaders,
  DEAD_LETTERS_TOPIC,
  type DeadLetter,
  MOVES_TOPIC,
  THROUGHPUT_TOPIC,
  type ThroughputRow,
  TICK_CONTENT_TYPE,
  throughputKey,
} from '@quaywatch/contracts';
import { createProducer, type Kafka, type Message, sendInOrder } from '@quaywatch/kafka';

/** Bytes of a rejected record that are kept. */
const deadLetterBytesMax = 65_536;

export type Publisher = Awaited<ReturnType<typeof createPublisher>>;

export async function createPublisher(kafka: Kafka) {
  const producer = createProducer(kafka);
  await producer.connect();
  const send = (topic: string, messages: readonly Message[]) => sendInOrder(producer, topic, messages);
  return {
    close: () => producer.disconnect(),

    async rows(partition: number, rows: readonly ThroughputRow[], mark?: ClosedThroughMark): Promise<void> {
      const messages: Message[] = rows.map((row) => ({
        partition,
        key: throughputKey(row),
        value: JSON.stringify(row),
      }));
      if (mark !== undefined)
        messages.push({ partition, key: `${mark.run}/mark/${partition}`, value: JSON.stringify(mark) });
      await send(THROUGHPUT_TOPIC, messages);
    },

    async transitions(transitions: readonly AlertTransition[]): Promise<void> {
      if (transitions.length === 0) return;
      await send(
        ALERTS_TOPIC,
        transitions.map((one) => ({
          partition: 0,
          key: one.alert_id,
          value: JSON.stringify(one),
          headers: cloudEventHeaders(
            'alert.transition.v1',
            `${one.alert_id}/${one.transition}`,
            'urn:quaywatch:stream-processor',
            one.known_at_ms,
          ),
        })),
      );
    },

    async deadLetters(
      topic: string,
      letters: readonly { readonly letter: DeadLetter; readonly bytes: Buffer | null }[],
    ): Promise<void> {
      if (letters.length === 0) return;
      await send(
        DEAD_LETTERS_TOPIC,
        letters.map(({ letter, bytes }) => ({
          partition: 0,
          key: letter.port === '' ? null : letter.port.slice(0, 64),
          value: bytes === null ? null : bytes.subarray(0, deadLetterBytesMax),
          headers: {
            topic,
            partition: String(letter.partition),
            offset: String(letter.offset),
            entry: String(letter.entry),
            reason: letter.reason,
            size: String(bytes?.length ?? 0),
            sha256: createHash('sha256')
              .update(bytes ?? '')
              .digest('hex'),
          },
        })),
      );
    },

    /** Moves log time on in a partition in which nothing arrives. */
    async tick(partition: number): Promise<void> {
      await send(MOVES_TOPIC, [{ partition, value: null, headers: { 'content-type': TICK_CONTENT_TYPE } }]);
    },
  };
}
