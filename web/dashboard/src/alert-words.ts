/** An alert as words: heading, sentence and size, made from its data alone so that both languages say the same. */
import type { AlertState } from '@quaywatch/contracts';
import { duration, type Language, share, signedPercentUnit, signedWhole, whole } from './format.ts';
import { en } from './i18n/en.ts';
import { zh } from './i18n/zh.ts';
import { portName, terminalShort, terminalsOfPort } from './places.ts';
import { DAY_MS, dayStartMs, HOUR_MS, hourMinute, shortDate } from './time.ts';

const wordsOf = (language: Language) => (language === 'zh' ? zh : en);

/** Time of day, with the date when it was another UTC+8 day than `nowMs`. */
export function moment(timeMs: number, nowMs: number, language: Language): string {
  const time = hourMinute(timeMs);
  return Math.abs(nowMs - timeMs) < DAY_MS && dayStartMs(timeMs) === dayStartMs(nowMs)
    ? time
    : `${shortDate(timeMs, language)} ${time}`;
}

export function alertTitle(alert: AlertState, language: Language): string {
  const { title } = wordsOf(language);
  const port = portName(alert.port, language);
  const all = terminalsOfPort(alert.port).length;
  const some = alert.terminals.length;
  const isSome = some > 0 && some < all;
  switch (alert.kind) {
    case 'stall':
      return isSome ? title.stallSome(port, some, all) : title.stall(port);
    case 'feed_silent':
      return isSome ? title.silentSome(port, some, all) : title.silent(port);
    case 'surge':
      return title.surge(port);
    case 'drop':
      return title.drop(port);
  }
}

export function alertSentence(alert: AlertState, nowMs: number, language: Language): string {
  const { sentence } = wordsOf(language);
  const since = moment(alert.since_ms, nowMs, language);
  const gap = language === 'zh' ? '' : ' ';
  if (alert.kind === 'feed_silent') return sentence.silent(since);
  const feeds =
    alert.completeness < 0.995
      ? sentence.complete(share(alert.completeness * 100))
      : alert.value === 0
        ? sentence.trueZero
        : sentence.feedsHealthy;
  if (alert.kind === 'stall') {
    const all = terminalsOfPort(alert.port).length;
    const names =
      alert.terminals.length < all ? alert.terminals.map(terminalShort).join(language === 'zh' ? '、' : ', ') : '';
    return sentence.stall(names, since) + gap + feeds;
  }
  return sentence[alert.kind](since) + gap + feeds;
}

/** How long an alert has lasted, or lasted. */
export function alertSpanMs(alert: AlertState, nowMs: number): number {
  return (alert.status === 'resolved' ? alert.at_ms : Math.max(nowMs, alert.at_ms)) - alert.since_ms;
}

export type SizeWords = { readonly size: string; readonly rest: string };

/** TEU first, then per cent, then how fast it grows; null size is said, not shown as zero. */
export function alertSize(alert: AlertState, language: Language): SizeWords | null {
  const words = wordsOf(language);
  if (alert.size_teu === null) return null;
  const size = `${signedWhole(alert.size_teu)} TEU`;
  if (alert.regained_teu !== null && alert.phase !== 'closed' && alert.size_teu !== 0) {
    const part = share(Math.abs(alert.regained_teu / alert.size_teu) * 100);
    return { size, rest: `· ${signedWhole(alert.regained_teu)} ${words.regained(part)}` };
  }
  const soFar = alert.deviation_pct === null ? words.soFarPlain : words.soFar(signedPercentUnit(alert.deviation_pct));
  const hours = (alert.at_ms - alert.since_ms) / HOUR_MS;
  const grows = alert.status === 'firing' && hours >= 0.5 ? words.growing(whole(Math.abs(alert.size_teu / hours))) : '';
  return { size, rest: soFar + grows };
}

export function alertAge(alert: AlertState, nowMs: number, language: Language): string {
  return duration(alertSpanMs(alert, nowMs), language);
}

export function reasonWords(reason: string, language: Language): string {
  return wordsOf(language).reasons[reason] ?? reason.replaceAll('_', ' ');
}
