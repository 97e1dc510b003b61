/** Names of what the contract knows by a code: kinds, levels, severities, states, phases, reasons, measures. */
import type { AlertKind, AlertLevel, AlertPhase, AlertStatus, Severity } from '@quaywatch/contracts';
import { en } from './en.ts';
import type { Language } from './format.ts';
import { zh } from './zh.ts';

type Word<T> = T extends (...blanks: infer Blanks) => string
  ? (...blanks: Blanks) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Word<T[Key]> };

/** A catalogue in another language has every word of the English one, with the same blanks: a missing word does not compile. */
export type Catalogue = { readonly [Key in keyof typeof en]: Word<(typeof en)[Key]> };

export function wordsOf(language: Language): Catalogue {
  return language === 'zh' ? zh : en;
}

export function kindName(kind: AlertKind, language: Language): string {
  return wordsOf(language).kinds[kind];
}

export function levelName(level: AlertLevel, language: Language): string {
  return wordsOf(language).levels[level];
}

/** What a severity asks for: act now, look today, for the record. */
export function severityName(severity: Severity, language: Language): string {
  return wordsOf(language).severities[severity];
}

export function statusName(status: AlertStatus, language: Language): string {
  return wordsOf(language).statuses[status];
}

export function phaseName(phase: AlertPhase, language: Language): string {
  return wordsOf(language).phases[phase];
}

/** The measure whose share shifted: direct pick-up. */
export function measureName(measure: string, language: Language): string {
  const names: Readonly<Record<string, string>> = wordsOf(language).measures;
  return names[measure] ?? measure.replace(/_teu$/, '').replaceAll('_', ' ');
}

/** Why a transition came, or what spoke for an alert; a code that is not known is shown as it is. */
export function reasonWords(reason: string, language: Language): string {
  const names: Readonly<Record<string, string>> = wordsOf(language).reasons;
  return names[reason] ?? reason.replaceAll('_', ' ');
}
