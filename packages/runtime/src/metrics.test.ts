import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('counters add up by their labels, gauges keep the newest', () => {
  const metrics = createMetrics();
  const read = metrics.counter('quaywatch_records_total', 'Records, by topic');
  const open = metrics.gauge('quaywatch_connections', 'Open connections');
  read(3, { topic: 'a' });
  read(1, { topic: 'b' });
  read(2, { topic: 'a' });
  open(7);
  open(5);
  expect(metrics.render()).toBe(
    [
      '# HELP quaywatch_records_total Records, by topic',
      '# TYPE quaywatch_records_total counter',
      'quaywatch_records_total{topic="a"} 5',
      'quaywatch_records_total{topic="b"} 1',
      '# HELP quaywatch_connections Open connections',
      '# TYPE quaywatch_connections gauge',
      'quaywatch_connections 5',
      '',
    ].join('\n'),
  );
});

test('a histogram is one family: each bucket has what is at most its bound, and +Inf is the count', () => {
  const metrics = createMetrics();
  const took = metrics.histogram('quaywatch_wait_seconds', 'How long', [0.1, 1]);
  for (const seconds of [2, 0.25, 1]) took(seconds);
  expect(metrics.render().split('\n')).toEqual([
    '# HELP quaywatch_wait_seconds How long',
    '# TYPE quaywatch_wait_seconds histogram',
    'quaywatch_wait_seconds_bucket{le="0.1"} 0',
    'quaywatch_wait_seconds_bucket{le="1"} 2',
    'quaywatch_wait_seconds_bucket{le="+Inf"} 3',
    'quaywatch_wait_seconds_sum 3.25',
    'quaywatch_wait_seconds_count 3',
    '',
  ]);
});

test('label sets beyond the limit share one series', () => {
  const metrics = createMetrics();
  const read = metrics.counter('quaywatch_records_total', 'Records, by topic');
  for (let topic = 0; topic < 1_002; topic++) read(1, { topic: String(topic) });
  read(1, { topic: '0' });
  const lines = metrics.render().split('\n');
  expect(lines).toContain('quaywatch_records_total{topic="0"} 2');
  expect(lines).toContain('quaywatch_records_total{overflow="true"} 2');
  expect(lines.filter((line) => line.startsWith('quaywatch_records_total{'))).toHaveLength(1_001);
});
