/** How far a rate is from what was expected, as one of seven steps of colour, and which ports need a look. */
import type { AlertState, PortSummary } from '@quaywatch/contracts';
import { deviationPercent } from '@quaywatch/words';

export type Step = 'n3' | 'n2' | 'n1' | '0' | 'p1' | 'p2' | 'p3';

/** Within this many per cent a deviation is plain. */
const PLAIN_PCT = 2;

export function stepOf(deviation: number | null): Step {
  if (deviation === null || Math.abs(deviation) < PLAIN_PCT) return '0';
  if (deviation <= -15) return 'n3';
  if (deviation <= -5) return 'n2';
  if (deviation < 0) return 'n1';
  if (deviation >= 15) return 'p3';
  return deviation >= 5 ? 'p2' : 'p1';
}

/** Class of a deviation as text: plain within 2 %, else up or down. */
export function deltaClass(deviation: number | null): string {
  if (deviation === null) return 'dim';
  if (Math.abs(deviation) < PLAIN_PCT) return 'mid';
  return deviation > 0 ? 'up' : 'down';
}

/** A rate inside its band says nothing, however large its per cent are: small ports move a ship at a time. */
export function isInBand(port: Pick<PortSummary, 'rate' | 'expected' | 'band'>): boolean {
  const { rate, expected, band } = port;
  return rate !== null && expected !== null && band !== null && Math.abs(rate - expected) <= band;
}

/** With so much of the hour covered the feed explains nothing. */
const COVERED = 0.98;
/** The feed is hardly the cause of work that is missing so many times as much as the feed is. */
const HARDLY = 4;

export type FeedAnswer = 'yes' | 'no' | 'hardly' | 'maybe';

/** Whether it is the feed that makes a port look slow: how much of the hour it misses, against how much work is missing. */
export function feedAnswer(port: Pick<PortSummary, 'feed' | 'completeness' | 'rate' | 'expected'>): FeedAnswer {
  if (port.feed === 'silent' || port.feed === 'none') return 'yes';
  if (port.feed === 'live' && port.completeness >= COVERED) return 'no';
  const deviation = deviationPercent(port.rate, port.expected) ?? 0;
  return -deviation > HARDLY * 100 * (1 - port.completeness) ? 'hardly' : 'maybe';
}

export function isOpen(alert: AlertState): boolean {
  return alert.status === 'firing' || alert.status === 'recovering' || alert.status === 'pending';
}

const SEVERITY_RANK = { critical: 3, warning: 2, info: 1 } as const;

/** Open alerts, what needs an answer first: severity, unacknowledged, then size, then the newest. */
export function byUrgency(alerts: Iterable<AlertState>): AlertState[] {
  return [...alerts]
    .filter(isOpen)
    .sort(
      (a, b) =>
        SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
        Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
        Math.abs(b.size_teu ?? 0) - Math.abs(a.size_teu ?? 0) ||
        b.since_ms - a.since_ms,
    );
}

export function needsAcknowledging(alert: AlertState, nowMs: number): boolean {
  const isSilenced = alert.silenced_until_ms !== null && alert.silenced_until_ms > nowMs;
  return alert.status === 'firing' && alert.severity === 'critical' && alert.acknowledged === null && !isSilenced;
}

/** How much a port needs a look: 0 not at all. */
export function needOf(port: PortSummary, worst: AlertState | undefined): number {
  const alert = worst === undefined ? 0 : SEVERITY_RANK[worst.severity] * 10 + (worst.status === 'firing' ? 5 : 0);
  const feed = port.feed === 'silent' ? 9 : port.feed === 'late' ? 4 : 0;
  return Math.max(alert, feed);
}
