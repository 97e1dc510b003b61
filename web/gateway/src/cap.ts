/**
 * One alert as a message of the Common Alerting Protocol 1.2 (OASIS CAP-v1.2, July 2010): every transition is a message, later ones refer
 * to all before them. What is simulated is an exercise or a test, never actual. Sends nothing.
 */
import { type AlertState, type AlertTransition, PORTS } from '@quaywatch/contracts';
import { alertSentence, alertTitle, type Language, placeName, ZONE } from '@quaywatch/words';

const NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';
/** CAP wants no spaces, commas, `<` or `&` in sender and identifier. */
const SENDER = 'quaywatch';
const ZONE_MS = 8 * 3_600_000;
const expiresAfterMs = 24 * 3_600_000;
const headlineCharactersMax = 160;
/** Earlier messages named in `references`, newest. */
const referencesMax = 100;
/** A port's own area: radius of the circle around it, km. */
const portRadiusKm = 25;
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'en-US'],
  ['zh', 'zh-CN'],
];
const SEVERITY = { critical: 'Severe', warning: 'Moderate', info: 'Minor' } as const;
const URGENCY = { critical: 'Immediate', warning: 'Expected', info: 'Future' } as const;
const FEED_KINDS = new Set(['feed_silent', 'feed_late', 'double_counting', 'ledger_gap']);

/** Without the characters that XML 1.0 cannot hold at all. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must go.
  const legal = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return legal
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&apos;');
}

type Xml = string;
const element = (name: string, text: string | number): Xml => `<${name}>${escaped(String(text))}</${name}>`;
const group = (name: string, parts: readonly Xml[]): Xml => `<${name}>${parts.join('')}</${name}>`;

/** CAP's time: whole seconds and a zone in digits, never `Z`. */
function timeOf(timeMs: number): string {
  return `${new Date(timeMs + ZONE_MS).toISOString().slice(0, 19)}+08:00`;
}

function identifierOf(alert: AlertTransition): string {
  return encodeURIComponent(`${alert.run}/${alert.alert_id}/${alert.transition}`.toWellFormed());
}

function statusOf(alert: AlertTransition): string {
  if (alert.run !== 'live') return 'Test';
  return alert.simulated ? 'Exercise' : 'Actual';
}

function messageTypeOf(alert: AlertTransition): string {
  if (alert.status === 'resolved') return 'Cancel';
  return alert.transition === 0 ? 'Alert' : 'Update';
}

function parametersOf(alert: AlertTransition): Xml[] {
  const { value, expected, band, deviation_pct, z, size_teu, completeness, rule, rules_version } = alert;
  const figures = { value, expected, band, deviation_pct, z, size_teu, completeness, rule, rules_version };
  const labels = { alert_id: alert.alert_id, kind: alert.kind, level: alert.level, phase: alert.phase };
  return Object.entries({ ...labels, ...figures }).flatMap(([name, one]) =>
    one === null ? [] : [group('parameter', [element('valueName', `quaywatch:${name}`), element('value', one)])],
  );
}

function areaOf(alert: AlertTransition, language: Language): Xml {
  const port = PORTS.find(({ code }) => code === alert.port);
  const codes = [
    ...(alert.port === '' ? [] : [['quaywatch:port', alert.port]]),
    ...(alert.cluster === '' ? [] : [['quaywatch:cluster', alert.cluster]]),
    ...alert.terminals.map((terminal) => ['quaywatch:terminal', terminal]),
  ];
  return group('area', [
    element('areaDesc', placeName(alert, language)),
    ...(port === undefined ? [] : [element('circle', `${port.lat},${port.lon} ${portRadiusKm}`)]),
    ...codes.map(([name = '', code = '']) => group('geocode', [element('valueName', name), element('value', code)])),
  ]);
}

function infoOf(alert: AlertTransition, language: Language, tag: string): Xml {
  const title = alertTitle(alert, language);
  const isOver = alert.status === 'resolved';
  return group('info', [
    element('language', tag),
    element('category', FEED_KINDS.has(alert.kind) ? 'Infra' : 'Transport'),
    element('event', title),
    element('responseType', isOver ? 'AllClear' : 'Monitor'),
    element('urgency', isOver || alert.status === 'recovering' ? 'Past' : URGENCY[alert.severity]),
    element('severity', SEVERITY[alert.severity]),
    element('certainty', alert.status === 'pending' ? 'Possible' : 'Observed'),
    group('eventCode', [element('valueName', 'quaywatch:kind'), element('value', alert.kind)]),
    element('effective', timeOf(alert.known_at_ms)),
    element('onset', timeOf(alert.since_ms)),
    element('expires', timeOf(alert.known_at_ms + expiresAfterMs)),
    element('senderName', 'Quaywatch'),
    element('headline', title.slice(0, headlineCharactersMax)),
    element('description', alertSentence(alert, alert.known_at_ms, language, ZONE)),
    ...parametersOf(alert),
    areaOf(alert, language),
  ]);
}

/**
 * @param transitions all of the alert, in order; those before the newest are referred to.
 * @param only the one language wanted; undefined: both.
 */
export function capOf(alert: AlertState, transitions: readonly AlertTransition[], only: Language | undefined): string {
  const earlier = transitions.filter(({ transition }) => transition < alert.transition).slice(-referencesMax);
  const references = earlier.map((one) => `${SENDER},${identifierOf(one)},${timeOf(one.known_at_ms)}`).join(' ');
  const status = statusOf(alert);
  const message = [
    element('identifier', identifierOf(alert)),
    element('sender', SENDER),
    element('sent', timeOf(alert.known_at_ms)),
    element('status', status),
    element('msgType', messageTypeOf(alert)),
    element('source', 'Quaywatch'),
    element('scope', 'Restricted'),
    element('restriction', 'For the operators of this Quaywatch'),
    ...(status === 'Actual' ? [] : [element('note', 'Simulated feeds or a replay: nothing of this is happening.')]),
    ...(references === '' ? [] : [element('references', references)]),
    element('incidents', encodeURIComponent(alert.alert_id.toWellFormed())),
    ...LANGUAGES.filter(([language]) => only === undefined || language === only).map(([language, tag]) =>
      infoOf(alert, language, tag),
    ),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="${NAMESPACE}">${message.join('')}</alert>\n`;
}
