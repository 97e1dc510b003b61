/**
 * The scenarios that come with the product, and how a name or a file becomes one.
 */
import { readFileSync } from 'node:fs';
import { decodeScenario, type Scenario, ScenarioError } from './scenario.ts';
import { trialsScenario } from './trials.ts';

/** Every feed as imperfect as real feeds are, and nothing happens. */
const calm: Scenario = { name: 'calm', gives_back: true, imperfect: true, events: [] };

/** A live show: an incident is open at the first look, new ones follow within minutes, and feeds fall silent. Totals are not kept. */
const demo: Scenario = {
  name: 'demo',
  gives_back: false,
  imperfect: true,
  events: [
    {
      kind: 'stall',
      port: 'CNNGB',
      terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN', 'CNNBO:BLYUA', 'CNNBO:BLTCT'],
      from: '-2h',
      to: '+3h',
      factor: 0,
      note_en: 'Fog: four terminals of Beilun Third stand still.',
      note_zh: '大雾：北仑三期四个码头停工。',
    },
    {
      kind: 'silent_feed',
      port: 'CNXMN',
      terminals: ['CNXAM:XOGT'],
      from: '-3h',
      to: '+5h',
      note_en: 'The feed of Xiamen Ocean Gate is silent; work goes on and is reported later.',
      note_zh: '厦门远海码头数据中断；作业继续，稍后补报。',
    },
    {
      kind: 'closure',
      port: 'CNDLC',
      from: '-14m',
      to: '+100m',
      factor: 0,
      note_en: 'Gale: Dalian is closed.',
      note_zh: '大风：大连港封港。',
    },
    {
      kind: 'rebound',
      port: 'CNDLC',
      from: '+100m',
      to: '+12h',
      factor: 1.18,
      note_en: 'Dalian works off what had waited.',
      note_zh: '大连港复工，消化积压。',
    },
    {
      kind: 'silent_feed',
      port: 'CNTXG',
      terminals: ['CNTNJ:TSCT'],
      from: '+3m',
      to: '+45m',
      note_en: 'The feed of one Tianjin terminal is silent.',
      note_zh: '天津一码头数据中断。',
    },
    {
      kind: 'surge',
      port: 'CNTAO',
      terminals: ['CNQIN:QQCTX', 'CNQIN:QQCTU'],
      from: '+1m',
      to: '+4h',
      factor: 1.7,
      note_en: 'Diverted vessels are worked at two Qingdao terminals.',
      note_zh: '改港船舶集中靠泊青岛两个码头。',
    },
    {
      kind: 'double_counting',
      port: 'CNCAN',
      terminals: ['CNNSA:NICT'],
      from: '+2h',
      to: '+5h',
      note_en: 'A gateway of Nansha sends every report twice.',
      note_zh: '南沙网关重复发送报文。',
    },
    {
      kind: 'drop',
      port: 'CNSZX',
      terminals: ['CNYTN:YICT', 'CNYTN:YICTW'],
      from: '+5h',
      to: '+11h',
      factor: 0.35,
      note_en: 'Yantian works at a third of its cranes.',
      note_zh: '盐田仅三分之一岸桥作业。',
    },
  ],
};

// Places and days of the closures of 2024 follow the record (domain notes, E17–E19); what they took and the rest is invented.
const history: Scenario = {
  name: 'history',
  gives_back: true,
  imperfect: true,
  events: [
    ...storm('CNNGB', '2024-07-25T06:00', '2024-07-26T20:00', '2024-08-02T20:00', 'Typhoon Gaemi', '台风“格美”'),
    ...storm('CNSHA', '2024-09-15T12:00', '2024-09-16T20:00', '2024-09-23T20:00', 'Typhoon Bebinca', '台风“贝碧嘉”'),
    ...storm('CNNGB', '2024-09-15T08:00', '2024-09-16T16:00', '2024-09-23T16:00', 'Typhoon Bebinca', '台风“贝碧嘉”'),
    ...storm('CNNGB', '2024-10-31T18:00', '2024-11-01T22:00', '2024-11-07T22:00', 'Typhoon Kong-rey', '台风“康妮”'),
    ...storm('CNNGB', '2024-03-12T02:00', '2024-03-12T15:00', '2024-03-15T15:00', 'Fog (invented)', '大雾（虚构）'),
    ...storm('CNSHA', '2025-02-26T03:00', '2025-02-26T17:00', '2025-03-01T17:00', 'Fog (invented)', '大雾（虚构）'),
    ...storm('CNTAO', '2025-04-12T10:00', '2025-04-13T14:00', '2025-04-17T14:00', 'Gale (invented)', '大风（虚构）'),
    {
      kind: 'stall',
      port: 'CNNGB',
      terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN', 'CNNBO:BLYUA', 'CNNBO:BLTCT'],
      from: '2025-03-18T09:00:00+08:00',
      to: '2025-03-18T19:00:00+08:00',
      factor: 0,
      note_en: 'Work stops at four of eleven terminals (invented).',
      note_zh: '十一个码头中四个停工（虚构）。',
    },
    {
      kind: 'surge',
      port: 'CNSZX',
      from: '2025-05-20T00:00:00+08:00',
      to: '2025-05-22T00:00:00+08:00',
      factor: 1.35,
      note_en: 'Rush after the tariff truce (size invented).',
      note_zh: '关税缓和后的抢运（幅度虚构）。',
    },
    {
      kind: 'silent_feed',
      port: 'CNXMN',
      from: '2025-06-05T08:00:00+08:00',
      to: '2025-06-05T15:00:00+08:00',
      note_en: 'All feeds of Xiamen are silent (invented).',
      note_zh: '厦门全部数据中断（虚构）。',
    },
    {
      kind: 'double_counting',
      port: 'CNTXG',
      terminals: ['CNTNJ:THCC1'],
      from: '2025-05-08T10:00:00+08:00',
      to: '2025-05-08T22:00:00+08:00',
      note_en: 'A gateway sends every report twice (invented).',
      note_zh: '网关重复发送报文（虚构）。',
    },
  ],
};

function storm(
  port: string,
  from: string,
  reopened: string,
  normal: string,
  nameEn: string,
  nameZh: string,
): Scenario['events'] {
  const at = (local: string): string => `${local}:00+08:00`;
  return [
    {
      kind: 'closure',
      port,
      from: at(from),
      to: at(reopened),
      factor: 0,
      note_en: `${nameEn}: closed.`,
      note_zh: `${nameZh}：封港。`,
    },
    {
      kind: 'rebound',
      port,
      from: at(reopened),
      to: at(normal),
      factor: 1.15,
      note_en: `${nameEn}: works off what had waited.`,
      note_zh: `${nameZh}：复工，消化积压。`,
    },
  ];
}

const BUILT_IN: Readonly<Record<string, Scenario>> = { calm, demo, history };
export const BUILT_IN_NAMES: readonly string[] = Object.keys(BUILT_IN);

/** A built-in scenario by name, trials by `trials-<seed>`, else a file. @throws ScenarioError */
export function loadScenario(nameOrFile: string): Scenario {
  const builtIn = BUILT_IN[nameOrFile];
  if (builtIn !== undefined) return builtIn;
  const trials = /^trials-(\d{1,9})$/.exec(nameOrFile);
  if (trials !== null) return trialsScenario(Number(trials[1]));
  let text: string;
  try {
    text = readFileSync(nameOrFile, 'utf8');
  } catch {
    throw new ScenarioError(nameOrFile, [
      `${JSON.stringify(nameOrFile)} is neither one of ${BUILT_IN_NAMES.join(', ')} nor a file that can be read`,
    ]);
  }
  return decodeScenario(text, nameOrFile);
}
