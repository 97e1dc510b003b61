/** The short words of an alert: heading, size, age, how sure, contributors, what would resolve it. Made from its data alone. */
import type { AlertEvidence, AlertKind, AlertState, AlertTransition } from '@quaywatch/contracts';
import { duration, type Language, share, signedPercentUnit, signedTeu, signedWhole, span, whole } from './format.ts';
import { HOUR_MS, MINUTE_MS, moment } from './moments.ts';
import { measureName, reasonWords, wordsOf } from './names.ts';
import { placeName, portName, terminalName, terminalsOfPort } from './places.ts';

/** How far off an alert was at its strongest, in standard deviations: what is over is near zero again, and was sure nevertheless. */
export function strongestZ(alert: AlertTransition): number | null {
  const all = [alert.z, ...alert.evidence.map((one) => one.z)].filter((z) => z !== null);
  return all.length === 0 ? null : Math.max(...all.map(Math.abs));
}

/** Whether an alert is about more than was expected, by its strongest evidence; an alert without figures is about less. */
export function isAbove(alert: AlertTransition): boolean {
  const readings = alert.evidence.filter((one) => one.value !== null && one.expected !== null && one.z !== null);
  const strongest = readings.sort((one, other) => Math.abs(other.z ?? 0) - Math.abs(one.z ?? 0))[0] ?? alert;
  if (strongest.value !== null && strongest.expected !== null) return strongest.value > strongest.expected;
  return (alert.deviation_pct ?? alert.size_teu ?? -1) > 0;
}

export function measureOf(alert: AlertTransition, language: Language): string {
  return alert.measure === '' ? wordsOf(language).someMeasure : measureName(alert.measure, language);
}

export function alertTitle(alert: AlertTransition, language: Language): string {
  const { title } = wordsOf(language);
  const place = placeName(alert, language);
  const all = alert.level === 'port' ? terminalsOfPort(alert.port).length : 0;
  const some = alert.terminals.length;
  const isSome = some > 0 && some < all;
  const isUp = isAbove(alert);
  switch (alert.kind) {
    case 'stall':
      return isSome ? title.stallSome(place, some, all) : title.stall(place);
    case 'feed_silent':
      return isSome ? title.silentSome(place, some, all) : title.silent(place);
    case 'feed_late':
      return isSome ? title.lateSome(place, some, all) : title.late(place);
    case 'surge':
      return title.surge(place);
    case 'drop':
      return title.drop(place);
    case 'drift':
      return isUp ? title.driftUp(place) : title.driftDown(place);
    case 'year_on_year':
      return isUp ? title.yearUp(place) : title.yearDown(place);
    case 'mix_shift':
      return (isUp ? title.mixUp : title.mixDown)(place, measureOf(alert, language));
    case 'double_counting':
      return title.double(place);
    case 'ledger_gap':
      return title.ledger(place);
  }
}

/** How long an alert has lasted, or lasted. */
export function alertSpanMs(alert: AlertTransition, nowMs: number): number {
  return (alert.status === 'resolved' ? alert.at_ms : Math.max(nowMs, alert.at_ms)) - alert.since_ms;
}

export function alertAge(alert: AlertTransition, nowMs: number, language: Language): string {
  return duration(alertSpanMs(alert, nowMs), language);
}

export type SizeWords = { readonly size: string; readonly rest: string };

/** TEU first, then per cent, then how fast it grows; null when the size is not known, which is said and not shown as zero. */
export function alertSize(alert: AlertTransition, language: Language): SizeWords | null {
  const words = wordsOf(language);
  if (alert.size_teu === null) return null;
  const size = `${signedTeu(alert.size_teu, language)} TEU`;
  const regained = alert.regained_teu ?? 0;
  if (regained !== 0 && alert.phase !== 'closed' && alert.size_teu !== 0) {
    const part = share(Math.abs(regained / alert.size_teu) * 100);
    return { size, rest: `· ${signedTeu(regained, language)} ${words.regained(part)}` };
  }
  if (alert.status === 'resolved') return { size, rest: words.inAll };
  const soFar = alert.deviation_pct === null ? words.soFarPlain : words.soFar(signedPercentUnit(alert.deviation_pct));
  const hours = (alert.at_ms - alert.since_ms) / HOUR_MS;
  const grows = alert.status === 'firing' && hours >= 0.5 ? words.growing(whole(Math.abs(alert.size_teu / hours))) : '';
  return { size, rest: soFar + grows };
}

/** Kinds whose value is a share (of repeats for double counting, of what is missing for a ledger gap) or a growth in per cent, and not a rate. */
export function isInPercent(kind: AlertKind): boolean {
  return kind === 'mix_shift' || kind === 'year_on_year' || kind === 'double_counting' || kind === 'ledger_gap';
}

/** A value in the unit of its kind, without that unit where it is TEU an hour. */
export function valueWords(value: number | null, kind: AlertKind): string {
  if (kind === 'year_on_year') return signedPercentUnit(value);
  return isInPercent(kind) ? share(value) : whole(value);
}

/** How sure, in a sentence; '' where no deviation can be told. */
export function sureWords(z: number | null, language: Language): string {
  if (z === null) return '';
  const { sure } = wordsOf(language);
  const size = Math.abs(z);
  const sigmas = size >= 99.5 ? '> 99' : size.toFixed(1);
  if (size >= 8) return sure.certain(sigmas);
  if (size >= 5) return sure.very(sigmas);
  return size >= 3 ? sure.sure(sigmas) : sure.tentative(sigmas);
}

type Contributor = AlertTransition['contributors'][number];

export function contributorName(one: Pick<Contributor, 'port' | 'terminal'>, language: Language): string {
  return one.terminal === '' ? portName(one.port, language) : terminalName(one.terminal, language);
}

/** “77 % of the drop is Yangshan 3 (Guandong).” */
export function contributorWords(alert: AlertTransition, one: Contributor, language: Language): string {
  const words = wordsOf(language);
  const part = `${signedWhole(one.share_pct).replace(/^[+±]/, '')}\u00a0%`;
  return words.contributor(part, words.of[alert.kind], contributorName(one, language));
}

/** What would resolve an alert, in a sentence. */
export function resolveWords(alert: AlertTransition, language: Language): string {
  const { resolve, until } = wordsOf(language);
  const { within_pct, hold_min } = alert.resolves;
  const hold = hold_min > 0 ? span(hold_min * MINUTE_MS, language) : null;
  if (within_pct === null)
    return hold === null ? resolve.otherNow(until[alert.kind]) : resolve.other(until[alert.kind], hold);
  const pct = share(within_pct).replace('.0', '');
  return hold === null ? resolve.withinNow(pct) : resolve.within(pct, hold);
}

/** One piece of evidence; `about` gives the kind, for the unit, and the day that needs no date. */
export function evidenceWords(
  one: AlertEvidence,
  about: Pick<AlertState, 'kind' | 'at_ms'>,
  language: Language,
  zone: string,
): string {
  const words = wordsOf(language);
  const figures = [one.value, one.expected].map((value) => valueWords(value, about.kind));
  const [value = '', expected = ''] = figures;
  const reading =
    one.value === null && one.expected === null
      ? words.noReading.replace(/[.。]$/, '')
      : one.expected === null
        ? value
        : (isInPercent(about.kind) ? words.evidenceShare : words.evidenceRate)(value, expected);
  const window = span(one.window_s * 1000, language);
  return words.evidence(
    window,
    moment(one.at_ms, about.at_ms, language, zone),
    reading,
    reasonWords(one.reason, language),
  );
}
