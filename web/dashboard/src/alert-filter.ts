/** Which alerts a reader wants to see, as the address says it: severity, kind, level, port. Unknown words filter nothing. */
import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type AlertKind,
  type AlertLevel,
  type AlertState,
  SEVERITIES,
  type Severity,
} from '@quaywatch/contracts';

export type AlertFilter = {
  readonly severity: Severity | '';
  readonly kind: AlertKind | '';
  readonly level: AlertLevel | '';
  readonly port: string;
};

export function filterOf(query: URLSearchParams): AlertFilter {
  const one = <T extends string>(name: string, allowed: readonly T[]): T | '' =>
    allowed.find((value) => value === query.get(name)) ?? '';
  return {
    severity: one('severity', SEVERITIES),
    kind: one('kind', ALERT_KINDS),
    level: one('level', ALERT_LEVELS),
    port: query.get('port') ?? '',
  };
}

/** For the address: what filters nothing is left out. */
export function queryOf(filter: AlertFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
}

export function isWanted(alert: AlertState, filter: AlertFilter): boolean {
  return (
    (filter.severity === '' || alert.severity === filter.severity) &&
    (filter.kind === '' || alert.kind === filter.kind) &&
    (filter.level === '' || alert.level === filter.level) &&
    (filter.port === '' || alert.port === filter.port || alert.contributors.some((one) => one.port === filter.port))
  );
}
