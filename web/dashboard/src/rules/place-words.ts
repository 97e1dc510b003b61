/** Places, values and problems of a rule set as words: `detection.kinds.drop.threshold` is “drop, threshold”. */
import { ALERT_KINDS, MATCHER_NAMES } from '@quaywatch/contracts';
import { kindName, type Language, share } from '@quaywatch/words';
import { valueName } from '../matcher-words.ts';
import { durationText, type Path } from './draft.ts';
import type { RulesCatalogue } from './words.ts';

export function placeWords(path: Path, words: RulesCatalogue, language: Language): string {
  const fields: Readonly<Record<string, string>> = words.fields;
  return path
    .flatMap((key) => {
      const kind = ALERT_KINDS.find((one) => one === key);
      if (kind !== undefined) return [kindName(kind, language)];
      const name = fields[String(key)];
      return name === undefined ? [] : [name];
    })
    .join(language === 'zh' ? ' ' : ', ');
}

/** A value in the words of its field: shares in per cent, seconds as durations, lists by their length when they hold objects. */
export function valueText(path: Path, value: unknown, words: RulesCatalogue, language: Language): string {
  const field = String(path.at(-1) ?? '');
  if (value === null || value === undefined) return value === null ? words.never : '—';
  if (typeof value === 'boolean') return value ? words.on : words.off;
  if (typeof value === 'number' && field.endsWith('_share')) return share(value * 100);
  if (typeof value === 'number' && field.endsWith('_s')) return durationText(value);
  if (Array.isArray(value)) {
    const isPlain = value.every((one) => typeof one !== 'object');
    if (!isPlain || value.length === 0) return words.entries(value.length);
    const name = MATCHER_NAMES.find((one) => `${one}s` === field);
    return value.map((one) => (name === undefined ? String(one) : valueName(name, String(one), language))).join(' ');
  }
  return String(value).replace(/^-(?=\d)/, '−');
}

/** A fault as the check says it, in the reader's words where it is one of the common ones. */
export function problemWords(message: string, { problem }: RulesCatalogue): string {
  const least = /^Too small: expected number to be >=?(\S+)$/.exec(message)?.[1];
  if (least !== undefined) return problem.least(least);
  const most = /^Too big: expected number to be <=?(\S+)$/.exec(message)?.[1];
  if (most !== undefined) return problem.most(most);
  const multiple = /multiple of (\S+)$/.exec(message)?.[1];
  if (multiple !== undefined) return problem.multiple(multiple);
  if (/^Too small: expected array/.test(message)) return problem.some;
  if (/^Too small: expected string/.test(message)) return problem.text;
  if (/expected int/.test(message)) return problem.whole;
  if (/expected number/.test(message)) return problem.number;
  if (message === 'must ascend') return problem.ascend;
  if (/is no port/.test(message)) return problem.unknownPort;
  if (/first route must name/.test(message)) return problem.firstReceiver;
  return /must end after/.test(message) ? problem.backwards : message;
}
