/** Which topic a replay reads: a recording that covers its stretch, else the live log where it does. */
import { MOVES_TOPIC, recordingName, recordingTopic } from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import type { Log } from '@quaywatch/runtime';
import { dayStartMs, isoDateOf } from '@quaywatch/seeds';
import { listTopics, logEnds, offsetsAt } from './adapters/kafka-log.ts';
import { findRecording, type RecordingInfo } from './recordings.ts';
import type { ReplayOptions } from './replay.ts';

/** No recording and no live log covers the stretch: the message says what there is. `code` is 'not_covered'. */
export class NotCoveredError extends Error {
  readonly code = 'not_covered';
}

/** @throws NotCoveredError */
export async function sourceOf(
  kafka: Kafka,
  log: Log,
  { fromDay, toDay, recording }: Pick<ReplayOptions, 'fromDay' | 'toDay' | 'recording'>,
): Promise<{ topic: string; name: string }> {
  const topics = await listTopics(kafka);
  const names = topics.map(recordingName).filter((name) => name !== undefined);
  const recordings: RecordingInfo[] = [];
  for (const name of names) {
    const info = await findRecording(kafka, recordingTopic(name), name, log);
    if (info !== undefined) recordings.push(info);
  }
  const covering = recordings.find(
    (one) => one.fromDay <= fromDay && one.toDay >= toDay && (recording === undefined || one.name === recording),
  );
  if (covering !== undefined) return { topic: recordingTopic(covering.name), name: covering.name };
  if (recording !== undefined)
    throw new NotCoveredError(
      `The recording ${recording} does not cover ${isoDateOf(fromDay)} to ${isoDateOf(toDay)}, or there is none of that name.`,
    );
  const liveFrom = topics.includes(MOVES_TOPIC) ? await offsetsAt(kafka, MOVES_TOPIC, dayStartMs(fromDay)) : new Map();
  const liveBefore = topics.includes(MOVES_TOPIC) ? await logEnds(kafka, MOVES_TOPIC) : new Map();
  const isLive =
    liveFrom.size > 0 &&
    [...liveFrom].every(
      ([partition, offset]) =>
        offset > (liveBefore.get(partition)?.low ?? 0) && offset < (liveBefore.get(partition)?.high ?? 0),
    );
  if (isLive) return { topic: MOVES_TOPIC, name: 'live' };
  const known = recordings.map((one) => `${one.name} (${isoDateOf(one.fromDay)} to ${isoDateOf(one.toDay)})`);
  throw new NotCoveredError(
    `Nothing recorded covers ${isoDateOf(fromDay)} to ${isoDateOf(toDay)}. Recordings: ${known.length === 0 ? 'none' : known.join(', ')}. ` +
      `Make one: npm run record -- --from ${isoDateOf(fromDay)} --to ${isoDateOf(toDay)}`,
  );
}
