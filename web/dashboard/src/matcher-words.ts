/** Matchers as a reader sees them: the names of what they look at, the values to choose from, and a list of them as one sentence. */
import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type AlertState,
  MATCHER_NAMES,
  type Matcher,
  matches,
  PORTS,
  SEVERITIES,
  TERMINALS,
} from '@quaywatch/contracts';
import {
  CLUSTERS,
  clusterName,
  kindName,
  type Language,
  levelName,
  phaseName,
  portName,
  severityName,
  terminalName,
} from '@quaywatch/words';
import { en } from './i18n/en.ts';
import { zh } from './i18n/zh.ts';

export type MatcherName = Matcher['name'];
const PHASES = ['closed', 'rebound', 'normal'] as const;

/** Values that can be chosen; none: they are typed. */
export function valuesOf(name: MatcherName): readonly string[] {
  switch (name) {
    case 'kind':
      return ALERT_KINDS;
    case 'level':
      return ALERT_LEVELS;
    case 'severity':
      return SEVERITIES;
    case 'cluster':
      return CLUSTERS;
    case 'phase':
      return PHASES;
    case 'port':
      return PORTS.map((port) => port.code);
    case 'terminal':
      return TERMINALS.map((terminal) => terminal.code);
    case 'rule':
      return [];
  }
}

export function valueName(name: MatcherName, value: string, language: Language): string {
  const known = <T extends string>(all: readonly T[], say: (one: T, language: Language) => string) => {
    const found = all.find((one) => one === value);
    return found === undefined ? value : say(found, language);
  };
  switch (name) {
    case 'kind':
      return known(ALERT_KINDS, kindName);
    case 'level':
      return known(ALERT_LEVELS, levelName);
    case 'severity':
      return known(SEVERITIES, severityName);
    case 'phase':
      return known(PHASES, phaseName);
    case 'cluster':
      return clusterName(value, language);
    case 'port':
      return portName(value, language);
    case 'terminal':
      return terminalName(value, language);
    case 'rule':
      return value;
  }
}

/** “kind is drop or stall, port is not Shanghai”; without matchers: everything. */
export function matcherWords(matchers: readonly Matcher[], language: Language): string {
  const { matcher } = language === 'zh' ? zh : en;
  if (matchers.length === 0) return matcher.everything;
  return matchers
    .map(({ name, op, values }) => {
      const list = values.map((value) => valueName(name, value, language)).join(matcher.or);
      return (op === '=' ? matcher.is : matcher.isNot)(matcher.names[name], list);
    })
    .join(matcher.and);
}

/** Matchers that mean this alert and those like it: its kind, where it is. */
export function matchersFor(alert: AlertState): Matcher[] {
  const one = (name: MatcherName, value: string): Matcher => ({ name, op: '=', values: [value] });
  const kind = one('kind', alert.kind);
  switch (alert.level) {
    case 'nation':
      return [kind, one('level', 'nation')];
    case 'cluster':
      return [kind, one('level', 'cluster'), one('cluster', alert.cluster)];
    case 'port':
      return [kind, one('port', alert.port)];
    case 'terminal':
      return [kind, one('port', alert.port), { name: 'terminal', op: '=', values: [...alert.terminals] }];
  }
}

export function nextName(matchers: readonly Matcher[]): MatcherName {
  return MATCHER_NAMES.find((name) => matchers.every((matcher) => matcher.name !== name)) ?? 'port';
}

/** Open alerts that all matchers mean; none when there are no matchers or one of them names no value. */
export function matched(matchers: readonly Matcher[], alerts: Iterable<AlertState>): AlertState[] {
  if (matchers.length === 0) return [];
  return [...alerts].filter(
    (alert) => alert.status !== 'resolved' && matchers.every((matcher) => matches(matcher, alert)),
  );
}
