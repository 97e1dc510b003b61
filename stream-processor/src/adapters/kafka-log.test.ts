import { REPORT_CONTENT_TYPE, TICK_CONTENT_TYPE } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { toRecord } from './kafka-log.ts';

test.each<[string, string | undefined, Buffer | null, boolean]>([
  ['a tick', TICK_CONTENT_TYPE, null, true],
  ['a tick of a recording', TICK_CONTENT_TYPE, Buffer.alloc(0), true],
  ['a report under a tick’s name: it is not passed over', TICK_CONTENT_TYPE, Buffer.from('report'), false],
  ['a report', REPORT_CONTENT_TYPE, Buffer.from('report'), false],
  ['nothing, under no name', undefined, null, false],
])('%s', (_, contentType, value, isTick) => {
  const headers = contentType === undefined ? {} : { 'content-type': Buffer.from(contentType) };
  expect(toRecord({ offset: '7', timestamp: '1000', value, headers })).toEqual({
    offset: 7,
    timestampMs: 1000,
    value,
    isTick,
  });
});
