/**
 * The gateway's measures, named once. What they mean is in their help texts.
 */
import { createMetrics } from '@quaywatch/runtime';

const LATENCY_BOUNDS_S = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];

export function createGatewayMetrics() {
  const registry = createMetrics();
  const loop = registry.gauge('quaywatch_gateway_event_loop_lag_seconds', 'Newest lag of the event loop');
  const memory = registry.gauge('quaywatch_gateway_resident_memory_bytes', 'Resident memory');
  return {
    registry,
    connections: registry.gauge('quaywatch_ws_connections', 'Open WebSockets'),
    subscriptions: registry.gauge('quaywatch_ws_subscriptions', 'Subscriptions of all WebSockets'),
    frames: registry.counter('quaywatch_ws_frames_sent_total', 'Frames and snapshots sent'),
    bytes: registry.counter('quaywatch_ws_bytes_sent_total', 'Bytes of frames and snapshots sent'),
    conflated: registry.counter('quaywatch_ws_conflated_total', 'Merged frames sent to slow clients'),
    slowCloses: registry.counter('quaywatch_ws_slow_disconnects_total', 'Clients closed for being too slow'),
    resumes: registry.counter('quaywatch_ws_resumes_total', 'Clients that came back, by what they got'),
    latency: registry.histogram(
      'quaywatch_gateway_event_to_frame_seconds',
      'From Kafka’s acceptance of the newest report to the cut of the frame that shows it',
      LATENCY_BOUNDS_S,
    ),
    consumed: registry.counter('quaywatch_gateway_records_consumed_total', 'Records read, by topic'),
    unreadable: registry.counter(
      'quaywatch_gateway_records_unreadable_total',
      'Records that are not what the topic holds',
    ),
    appended: registry.counter('quaywatch_gateway_records_appended_total', 'Actions and rule sets written, by topic'),
    players: registry.gauge('quaywatch_gateway_players', 'Open players'),
    sampleProcess(lagSeconds: number): void {
      loop(lagSeconds);
      memory(process.memoryUsage.rss());
    },
  };
}
