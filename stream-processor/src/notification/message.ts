/** What a message says: alerts as they stood when it was decided, and the text of channels that people read. Formats and sends nothing. */
import type { AlertTransition, NotificationItem, NotificationReason, Severity } from '@quaywatch/contracts';
import { alertSentence, alertTitle, type Language, severityName, statusName, ZONE } from '@quaywatch/words';
import { acknowledgementOf } from './holding.ts';
import {
  type AlertLife,
  type Decision,
  endingOf,
  type Filing,
  firstTold,
  type Knowledge,
  severityRank,
} from './knowledge.ts';

export type Said = {
  readonly alert: AlertTransition;
  /** As the receiver was first told of it: kind, level and terminals, which may change while it lasts, are filed as they were then. */
  readonly first: Filing;
  /** The worst that it has been: what receivers file it under. */
  readonly severity: Severity;
  /** Those that it was filed under before. */
  readonly earlierSeverities: readonly Severity[];
  /** PagerDuty alone: somebody has taken it up. */
  readonly isAcknowledgement: boolean;
  readonly isAcknowledged: boolean;
};

export type Message = {
  /** Of its first decision: what receivers can tell repeated deliveries by. */
  readonly id: string;
  readonly receiver: string;
  /** `digest` too when several decisions share one message. */
  readonly reason: NotificationReason;
  readonly group: Readonly<Record<string, string>>;
  readonly said: readonly Said[];
  readonly decidedAtMs: number;
  readonly isSimulated: boolean;
};

/** The alert as it stood when the item was decided: of what came later nothing is told under the same key. */
function asOf(
  life: AlertLife,
  { transition, as_of: number }: NotificationItem,
  decidedAtMs: number,
): AlertTransition | undefined {
  const facts = [...life.past, ...life.firing, ...(life.resolved === undefined ? [] : [life.resolved]), life.newest];
  const stood = number === undefined ? undefined : facts.find((fact) => fact.transition.transition === number);
  if (stood !== undefined) return stood.transition;
  const known = facts
    .filter((fact) => fact.arrivedMs <= decidedAtMs && fact.transition.transition >= transition)
    .map((fact) => fact.transition);
  const newest = known.reduce<AlertTransition | undefined>(
    (best, one) => (best === undefined || one.transition > best.transition ? one : best),
    undefined,
  );
  return newest ?? facts.find((fact) => fact.transition.transition === transition)?.transition;
}

function saidOf(knowledge: Knowledge, decision: Decision): Said[] {
  return decision.items.flatMap((item) => {
    const { key, alert_id } = item;
    const life = knowledge.alerts.get(alert_id);
    const alert = life === undefined ? undefined : asOf(life, item, decision.decided_at_ms);
    if (life === undefined || alert === undefined) return [];
    const severities = life.firing
      .map((fact) => fact.transition)
      .filter((one) => one.transition <= alert.transition)
      .map((one) => one.severity);
    const severity = severities.at(-1) ?? alert.severity;
    return [
      {
        alert,
        first: firstTold(life, knowledge.dealings.get(alert_id)?.toward.get(decision.receiver)?.told ?? []),
        severity,
        earlierSeverities: severities.filter((one) => one !== severity),
        isAcknowledgement: endingOf(key).startsWith('acknowledged-'),
        isAcknowledged: acknowledgementOf(knowledge, life) !== undefined,
      },
    ];
  });
}

/** @param decisions in order, of one receiver; of several about one alert the last says how it stands. */
export function messageOf(knowledge: Knowledge, decisions: readonly Decision[]): Message | undefined {
  const first = decisions[0];
  if (first === undefined) return undefined;
  const byAlert = new Map<string, Said>();
  for (const decision of decisions)
    for (const said of saidOf(knowledge, decision)) byAlert.set(said.alert.alert_id, said);
  const said = [...byAlert.values()].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  return {
    id: first.id,
    receiver: first.receiver,
    // Several tests in one message are a test.
    reason: decisions.length > 1 && said.length > 0 ? 'digest' : first.reason,
    group: first.group,
    said,
    decidedAtMs: first.decided_at_ms,
    isSimulated: said.some((one) => one.alert.simulated),
  };
}

/** Everything that a receiver was told of and that still fires, as it stands: for receivers that forget what they are not told again. */
export function standingMessage(knowledge: Knowledge, receiver: string, nowMs: number): Message | undefined {
  const unsent = new Set(
    [...knowledge.outbox.values()]
      .filter(({ decision }) => decision.receiver === receiver)
      .flatMap(({ decision }) => decision.items.map((item) => item.alert_id)),
  );
  const items = [...knowledge.dealings].flatMap(([id, { toward }]) => {
    const life = knowledge.alerts.get(id);
    const told = toward.get(receiver)?.told ?? [];
    const fact = life?.firing.at(-1);
    if (life === undefined || fact === undefined || life.resolved !== undefined) return [];
    if (told.length === 0 || unsent.has(id)) return [];
    return [{ key: '', alert_id: id, transition: fact.transition.transition }];
  });
  if (items.length === 0) return undefined;
  const decision: Decision = {
    kind: 'decision',
    id: `standing/${receiver}/${nowMs}`,
    receiver,
    reason: 'repeat',
    group: {},
    items,
    rules_version: knowledge.rules.version,
    decided_at_ms: nowMs,
  };
  const message = messageOf(knowledge, [decision]);
  // A severity of before was ended when the new one was told.
  return message && { ...message, said: message.said.map((said) => ({ ...said, earlierSeverities: [] })) };
}

const WORDS = {
  en: {
    simulated: 'Simulated · ',
    simulatedNote: 'Simulated data: no report of a real terminal.',
    test: 'Test notification from Quaywatch',
    testBody: 'Somebody asked for this test. No alert is behind it.',
    watchdog: 'Quaywatch is alive',
    watchdogBody: 'Sent while the log moves on. When it stops coming, the pipeline has stopped.',
    reasons: {
      new: '',
      changed: 'More severe',
      resolved: '',
      repeat: 'Still firing',
      escalation: 'Nobody has acknowledged',
      digest: 'Digest',
    },
    alerts: (count: number) => `${count} alerts`,
    more: (count: number) => `… and ${count} more`,
    acknowledged: 'acknowledged',
  },
  zh: {
    simulated: '【模拟】',
    simulatedNote: '模拟数据，并非真实码头的上报。',
    test: 'Quaywatch 测试通知',
    testBody: '有人请求了这次测试，背后没有告警。',
    watchdog: 'Quaywatch 运行正常',
    watchdogBody: '日志前进时发送；若不再收到，说明数据管道已停止。',
    reasons: {
      new: '',
      changed: '级别上升',
      resolved: '',
      repeat: '仍在触发',
      escalation: '尚无人确认',
      digest: '汇总',
    },
    alerts: (count: number) => `${count} 条告警`,
    more: (count: number) => `……另有 ${count} 条`,
    acknowledged: '已确认',
  },
} as const;

function stateWords({ alert, severity, isAcknowledged }: Said, language: Language): string {
  const state = alert.status === 'resolved' ? statusName('resolved', language) : `${severityName(severity, language)}`;
  return isAcknowledged && alert.status !== 'resolved' ? `${state}, ${WORDS[language].acknowledged}` : state;
}

function alertLine(said: Said, language: Language): string {
  return `${stateWords(said, language)} · ${alertTitle(said.alert, language)}`;
}

export function heading(message: Message, language: Language): string {
  const words = WORDS[language];
  const mark = message.isSimulated ? words.simulated : '';
  if (message.reason === 'test') return words.test;
  if (message.reason === 'watchdog') return words.watchdog;
  const [only] = message.said;
  const reason = words.reasons[message.reason];
  const what =
    message.said.length === 1 && only !== undefined ? alertLine(only, language) : words.alerts(message.said.length);
  return `${mark}${reason === '' ? '' : `${reason}: `}${what}`;
}

/** One entry an alert: its line and its sentence; then the note on simulated data. */
export function paragraphs(message: Message, language: Language): { readonly title: string; readonly text: string }[] {
  const words = WORDS[language];
  if (message.reason === 'test') return [{ title: '', text: words.testBody }];
  if (message.reason === 'watchdog') return [{ title: '', text: words.watchdogBody }];
  return message.said.map((said) => ({
    title: alertLine(said, language),
    text: alertSentence(said.alert, message.decidedAtMs, language, ZONE),
  }));
}

export function simulatedNote(message: Message, language: Language): string {
  return message.isSimulated ? WORDS[language].simulatedNote : '';
}

const utf8 = new TextEncoder();
export const byteLength = (text: string): number => utf8.encode(text).length;

/** Markdown in the given languages, whole alerts only, in at most so many bytes of UTF-8; what has no room is counted. */
export function markdown(message: Message, languages: readonly Language[], bytesMax: number): string {
  const head = languages.map((language) => `**${escapeMarkdown(heading(message, language))}**`).join('\n\n');
  const notes = languages.map((language) => simulatedNote(message, language)).filter((note) => note !== '');
  const foot = notes.length === 0 ? '' : `\n\n> ${notes.join(' ')}`;
  const perLanguage = languages.map((language) => paragraphs(message, language));
  const entries = (perLanguage[0] ?? []).map((_, i) =>
    perLanguage
      .map((list) => list[i])
      .flatMap((one) => (one === undefined ? [] : [one]))
      .map(({ title, text }) => {
        const isHeading = title === '' || message.said.length === 1;
        return isHeading ? escapeMarkdown(text) : `**${escapeMarkdown(title)}**\n${escapeMarkdown(text)}`;
      })
      .join('\n'),
  );
  let body = head;
  for (const [i, entry] of entries.entries()) {
    const rest = entries.length - i;
    const more = `\n\n${languages.map((language) => WORDS[language].more(rest)).join(' / ')}`;
    const next = `${body}\n\n${entry}`;
    const isLast = rest === 1;
    // Room is kept for saying how many are left out.
    if (byteLength(next) + (isLast ? 0 : byteLength(more)) + byteLength(foot) > bytesMax)
      return `${body}${more}${foot}`;
    body = next;
  }
  return `${body}${foot}`;
}

const HARMLESS: Readonly<Record<string, string>> = { '<': '＜', '>': '＞', '[': '［', ']': '］', '*': '∗', '`': 'ˋ' };

/** Nothing that comes to be in a text becomes a link, a mention or HTML. The robots know no escapes, so look-alikes stand in. */
function escapeMarkdown(text: string): string {
  return text.replace(/[<>[\]*`]/g, (mark) => HARMLESS[mark] ?? mark);
}
