/** CAP 1.2 by the rules of its schema (CAP-v1.2.xsd, OASIS 2010): order, multiplicity, enumerations and forms of elements. */
import type { AlertTransition } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { capOf } from './cap.ts';
import { asState } from './stored-alerts.ts';
import { HOUR, NOW, transitionOf } from './testing.ts';

type Element = { readonly name: string; readonly text: string; readonly children: Element[] };

/** A parser for what we write: elements and text, nothing else. Throws on anything that is not well-formed. */
function parse(xml: string): Element {
  const root: Element = { name: '', text: '', children: [] };
  const stack = [root];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '').trim();
  for (const [, close, name = '', text = ''] of body.matchAll(/<(\/?)([A-Za-z]+)(?: xmlns="[^"]*")?>([^<]*)/g)) {
    const top = stack.at(-1);
    if (close === '/') {
      if (stack.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    if (/&(?!amp;|lt;|gt;|quot;|apos;)/.test(text)) throw new Error(`bare & in ${name}`);
    const element: Element = { name, text: unescaped(text), children: [] };
    top?.children.push(element);
    stack.push(element);
  }
  if (stack.length !== 1 || body.replace(/<\/?[A-Za-z]+(?: xmlns="[^"]*")?>[^<]*/g, '') !== '')
    throw new Error('not well-formed');
  return root.children[0] ?? root;
}

const unescaped = (text: string) =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, '&');

const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+]\d{2}:\d{2}$/;
const any = /[\s\S]/;
const word = /^[^\s,<&]+$/;
const oneOf = (...values: readonly string[]) => new RegExp(`^(?:${values.join('|')})$`);
/** Sequences of the schema: name, least, most, form. */
type Sequence = readonly (readonly [name: string, least: number, most: number, form: RegExp])[];
const many = Number.POSITIVE_INFINITY;
const SCHEMA: Readonly<Record<string, Sequence>> = {
  alert: [
    ['identifier', 1, 1, word],
    ['sender', 1, 1, word],
    ['sent', 1, 1, time],
    ['status', 1, 1, oneOf('Actual', 'Exercise', 'System', 'Test', 'Draft')],
    ['msgType', 1, 1, oneOf('Alert', 'Update', 'Cancel', 'Ack', 'Error')],
    ['source', 0, 1, any],
    ['scope', 1, 1, oneOf('Public', 'Restricted', 'Private')],
    ['restriction', 0, 1, any],
    ['addresses', 0, 1, any],
    ['code', 0, many, any],
    ['note', 0, 1, any],
    ['references', 0, 1, /^[^\s,]+,[^\s,]+,\S+(?: [^\s,]+,[^\s,]+,\S+)*$/],
    ['incidents', 0, 1, any],
    ['info', 0, many, any],
  ],
  info: [
    ['language', 0, 1, /^[a-z]{2}-[A-Z]{2}$/],
    [
      'category',
      1,
      many,
      oneOf(
        'Geo',
        'Met',
        'Safety',
        'Security',
        'Rescue',
        'Fire',
        'Health',
        'Env',
        'Transport',
        'Infra',
        'CBRNE',
        'Other',
      ),
    ],
    ['event', 1, 1, any],
    [
      'responseType',
      0,
      many,
      oneOf('Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'),
    ],
    ['urgency', 1, 1, oneOf('Immediate', 'Expected', 'Future', 'Past', 'Unknown')],
    ['severity', 1, 1, oneOf('Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown')],
    ['certainty', 1, 1, oneOf('Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown')],
    ['audience', 0, 1, any],
    ['eventCode', 0, many, any],
    ['effective', 0, 1, time],
    ['onset', 0, 1, time],
    ['expires', 0, 1, time],
    ['senderName', 0, 1, any],
    ['headline', 0, 1, /^[\s\S]{1,160}$/],
    ['description', 0, 1, any],
    ['instruction', 0, 1, any],
    ['web', 0, 1, any],
    ['contact', 0, 1, any],
    ['parameter', 0, many, any],
    ['resource', 0, many, any],
    ['area', 0, many, any],
  ],
  eventCode: [
    ['valueName', 1, 1, any],
    ['value', 1, 1, any],
  ],
  parameter: [
    ['valueName', 1, 1, any],
    ['value', 1, 1, any],
  ],
  geocode: [
    ['valueName', 1, 1, any],
    ['value', 1, 1, any],
  ],
  area: [
    ['areaDesc', 1, 1, any],
    ['polygon', 0, many, any],
    ['circle', 0, many, /^-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)? \d+(?:\.\d+)?$/],
    ['geocode', 0, many, any],
    ['altitude', 0, 1, any],
    ['ceiling', 0, 1, any],
  ],
};

/** Everything by which an element breaks its sequence. */
function faults(element: Element): string[] {
  const sequence = SCHEMA[element.name];
  if (sequence === undefined) return element.children.length > 0 ? [`${element.name} has children`] : [];
  const names = element.children.map(({ name }) => name);
  const known = sequence.map(([name]) => name);
  const places = names.map((name) => known.indexOf(name));
  const outOfOrder = places.some((place, i) => place < 0 || place < (places[i - 1] ?? 0));
  const counted = sequence.flatMap(([name, least, most, form]) => {
    const own = element.children.filter((child) => child.name === name);
    const isMany = own.length < least || own.length > most;
    const bad = own.filter((child) => child.children.length === 0 && !form.test(child.text));
    return [...(isMany ? [`${own.length} × ${name}`] : []), ...bad.map((child) => `${name}: ${child.text}`)];
  });
  return [...(outOfOrder ? [`${element.name}: ${names}`] : []), ...counted, ...element.children.flatMap(faults)];
}

const textOf = (element: Element, name: string) => element.children.find((child) => child.name === name)?.text;
const infosOf = (element: Element) => element.children.filter(({ name }) => name === 'info');

function messageOf(...transitions: readonly AlertTransition[]) {
  const last = transitions.at(-1) ?? transitionOf();
  return parse(capOf(asState(last, transitions[0]?.at_ms ?? last.at_ms), transitions, undefined));
}

const first = transitionOf();
const second = transitionOf({ transition: 1, severity: 'critical', known_at_ms: NOW + HOUR });
const last = transitionOf({ transition: 2, status: 'resolved', phase: 'normal', known_at_ms: NOW + 2 * HOUR });

test.each<[string, readonly AlertTransition[], object]>([
  ['a new one', [first], { msgType: 'Alert', status: 'Exercise', references: undefined }],
  ['a change', [first, second], { msgType: 'Update', references: 'quaywatch,live%2Fa1%2F0,2026-11-20T10:00:00+08:00' }],
  ['the end', [first, second, last], { msgType: 'Cancel', references: expect.stringContaining('live%2Fa1%2F1') }],
  ['one of a replay', [transitionOf({ run: 'r' })], { status: 'Test' }],
  ['one of a replay that calls itself real', [transitionOf({ run: 'r', simulated: false })], { status: 'Test' }],
  ['a real one', [transitionOf({ simulated: false })], { status: 'Actual', note: undefined }],
  ['a terminal', [transitionOf({ level: 'terminal', kind: 'stall', value: null, z: null })], {}],
  ['a cluster', [transitionOf({ level: 'cluster', port: '', terminals: [] })], {}],
  ['the nation', [transitionOf({ level: 'nation', port: '', cluster: '', terminals: [], kind: 'year_on_year' })], {}],
  ['a feed', [transitionOf({ kind: 'feed_silent', expected: null, deviation_pct: null, status: 'pending' })], {}],
  ['a shift of shares', [transitionOf({ kind: 'mix_shift', measure: 'direct_pick_up_teu' })], {}],
])('%s is valid and says what it is', (_what, transitions, expected) => {
  const message = messageOf(...transitions);
  expect(faults(message)).toEqual([]);
  const said = Object.fromEntries(Object.keys(expected).map((name) => [name, textOf(message, name)]));
  expect(said).toEqual(expected);
  expect(infosOf(message).map((info) => textOf(info, 'language'))).toEqual(['en-US', 'zh-CN']);
  expect(infosOf(message).every((info) => (textOf(info, 'description') ?? '').length > 10)).toBe(true);
});

test('the schema of this test finds faults', () => {
  const xml = capOf(asState(first, NOW), [first], undefined);
  for (const [from, to] of [
    ['Exercise', 'Simulated'],
    [/<sent>.*?<\/sent>/, ''],
    [/(<urgency>.*?<\/urgency>)(<severity>.*?<\/severity>)/, '$2$1'],
    ['+08:00</sent>', 'Z</sent>'],
  ] as const)
    expect(faults(parse(xml.replace(from, to)))).not.toEqual([]);
});

test('nothing that comes from outside is markup', () => {
  const evil = '</value><info>&]]>"\'\u0000\ud800';
  const message = messageOf(transitionOf({ alert_id: evil, rule: evil, port: evil, terminals: [evil], cluster: evil }));
  expect(faults(message)).toEqual([]);
  expect(infosOf(message)).toHaveLength(2);
});

test.each([
  ['en', 'en-US'],
  ['zh', 'zh-CN'],
] as const)('in %s alone', (only, tag) => {
  const message = parse(capOf(asState(first, NOW), [first], only));
  expect(infosOf(message).map((info) => textOf(info, 'language'))).toEqual([tag]);
});
