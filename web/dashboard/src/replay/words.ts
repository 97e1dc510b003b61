/** The words of a replay beside another run, in the reader's language. */
import { computed } from '@preact/signals';
import { language } from '../settings.ts';

const en = {
  beside: 'Beside',
  liveNow: 'Live, now',
  sameRunNow: 'This run, as known now',
  sameRunThen: 'This run, as known then',
  runWord: 'RUN',
  otherRate: 'Other TEU/h',
  overOther: 'Replay / other, %',
  lessLive: 'Minus live, TEU/h',
  lessOther: 'Minus other, TEU/h',
  shifted: (days: string) => `${days} d apart, hour with hour`,
  otherWaits: {
    beginning: 'The other run has no such moment yet: it waits at its beginning.',
    end: 'The other run has no such moment: it stands at its end.',
  },
  difference: 'Difference',
  differenceOf: (teu: string, percent: string, hours: string) => `${teu} TEU (${percent}) in ${hours} closed hours`,
  noDifference: 'No closed hour that both have yet.',
  differenceChart: 'Replay less the other, TEU an hour',
  byPort: 'Ports',
  byHour: 'Hours',
  behind: 'Table of',
  hour: 'Hour',
  replay: 'Replay TEU',
  live: 'Live TEU',
  other: 'Other TEU',
  less: 'Difference, TEU',
  lessPercent: '%',
  previousAlert: 'Previous alert',
};

const zh: typeof en = {
  beside: '对照',
  liveNow: '实时，此刻',
  sameRunNow: '同一回放，按现在所知',
  sameRunThen: '同一回放，按当时所知',
  runWord: '回放',
  otherRate: '对照 TEU/时',
  overOther: '回放 / 对照，%',
  lessLive: '较实时，TEU/时',
  lessOther: '较对照，TEU/时',
  shifted: (days) => `相差 ${days} 天，逐时对照`,
  otherWaits: {
    beginning: '对照回放还没有这一时刻，停在起点等待。',
    end: '对照回放没有这一时刻，停在终点。',
  },
  difference: '差额',
  differenceOf: (teu, percent, hours) => `${hours} 个已关闭小时合计 ${teu} TEU（${percent}）`,
  noDifference: '还没有双方都已关闭的小时。',
  differenceChart: '回放减对照，每小时 TEU',
  byPort: '港口',
  byHour: '小时',
  behind: '表格',
  hour: '小时',
  replay: '回放 TEU',
  live: '实时 TEU',
  other: '对照 TEU',
  less: '差额，TEU',
  lessPercent: '%',
  previousAlert: '上一告警',
};

export const replayWords = computed(() => (language.value === 'zh' ? zh : en));
