/**
 * The sentences of an alert. The brief says what, since when, and whether the feed is to blame; the whole sentence says also how large, against
 * what, how sure, who contributes, and what would resolve it. Free text has no part in either, so that both languages say the same.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import {
  alertSize,
  contributorWords,
  isAbove,
  isInPercent,
  measureOf,
  resolveWords,
  strongestZ,
  sureWords,
  valueWords,
} from './alert.ts';
import { type Language, share, span } from './format.ts';
import { moment } from './moments.ts';
import { reasonWords, wordsOf } from './names.ts';
import { terminalShort, terminalsOfPort } from './places.ts';

const join = (parts: readonly string[], language: Language): string =>
  parts.filter((part) => part !== '').join(language === 'zh' ? '' : ' ');

function what(alert: AlertTransition, since: string, language: Language): string {
  const { brief } = wordsOf(language);
  const isUp = isAbove(alert);
  switch (alert.kind) {
    case 'stall': {
      const isSome = alert.level !== 'terminal' && alert.terminals.length < terminalsOfPort(alert.port).length;
      const names = alert.terminals.map(terminalShort).join(language === 'zh' ? '、' : ', ');
      return brief.stall(isSome ? names : '', since);
    }
    case 'surge':
      return brief.surge(since);
    case 'drop':
      return brief.drop(since);
    case 'drift':
      return isUp ? brief.driftUp(since) : brief.driftDown(since);
    case 'year_on_year':
      return isUp ? brief.yearUp(since) : brief.yearDown(since);
    case 'mix_shift':
      return (isUp ? brief.mixUp : brief.mixDown)(measureOf(alert, language), since);
    case 'feed_silent':
      return brief.silent(since);
    case 'feed_late':
      return brief.late(since);
    case 'double_counting':
      return brief.double(since);
    case 'ledger_gap':
      return brief.ledger(since);
  }
}

const isAboutFeed = (alert: AlertTransition): boolean =>
  alert.kind === 'feed_silent' || alert.kind === 'feed_late' || alert.kind === 'ledger_gap';

/** Whether the feed is to blame; '' where the alert is about the feed. */
export function feedWords(alert: AlertTransition, language: Language): string {
  const words = wordsOf(language);
  if (isAboutFeed(alert)) return '';
  if (alert.completeness < 0.995) return words.complete(share(alert.completeness * 100));
  return alert.value === 0 && !isInPercent(alert.kind) ? words.trueZero : words.feedsHealthy;
}

/** What, since when, and whether it is the feed: for lists. */
export function alertBrief(alert: AlertTransition, nowMs: number, language: Language, zone: string): string {
  const since = moment(alert.since_ms, nowMs, language, zone);
  return join([what(alert, since, language), feedWords(alert, language)], language);
}

/** What was read against what was expected, with the edges of the band; '' where a kind has no reading. */
export function readingWords(alert: AlertTransition, language: Language): string {
  const words = wordsOf(language);
  const over = span(alert.window_s * 1000, language);
  if (alert.kind === 'double_counting') return alert.value === null ? '' : words.repeated(share(alert.value), over);
  if (alert.kind === 'ledger_gap') return alert.value === null ? '' : words.missing(share(alert.value));
  if (isAboutFeed(alert) || alert.expected === null) return '';
  if (alert.value === null) return words.noReading;
  const { kind, expected, band } = alert;
  const low = band === null ? 0 : kind === 'year_on_year' ? expected - band : Math.max(0, expected - band);
  const edges = band === null ? '' : words.edges(valueWords(low, kind), valueWords(expected + band, kind));
  const sentence = isInPercent(kind) ? words.share : words.rate;
  const text = sentence(valueWords(alert.value, kind), valueWords(expected, kind), over);
  return text.slice(0, -1) + edges + text.slice(-1);
}

function sizeSentence(alert: AlertTransition, language: Language): string {
  const size = alertSize(alert, language);
  if (size !== null) return `${size.size} ${size.rest}${language === 'zh' ? '。' : '.'}`;
  return isAboutFeed(alert) || alert.kind === 'double_counting' ? '' : wordsOf(language).sizeUnknownSentence;
}

function standing(alert: AlertTransition, nowMs: number, language: Language, zone: string): string {
  const words = wordsOf(language);
  if (alert.status === 'resolved')
    return words.resolved(moment(alert.at_ms, nowMs, language, zone), reasonWords(alert.reason, language));
  if (alert.status === 'pending') return words.pendingSentence;
  if (alert.phase === 'rebound') return words.rebound;
  return alert.status === 'recovering' ? words.recovering : '';
}

/** All that an alert has to say. `zone` is an IANA name; whoever shows the text names the zone once, see `zoneName`. */
export function alertSentence(alert: AlertTransition, nowMs: number, language: Language, zone: string): string {
  const [lead] = alert.contributors;
  const isOver = alert.status === 'resolved';
  const since = moment(alert.since_ms, nowMs, language, zone);
  return join(
    [
      what(alert, since, language),
      standing(alert, nowMs, language, zone),
      sizeSentence(alert, language),
      isOver ? '' : readingWords(alert, language),
      isOver ? '' : sureWords(strongestZ(alert), language),
      lead === undefined || alert.level === 'terminal' ? '' : contributorWords(alert, lead, language),
      feedWords(alert, language),
      isOver ? '' : resolveWords(alert, language),
    ],
    language,
  );
}
