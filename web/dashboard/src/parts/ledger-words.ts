/** Words of the ledger and of what mends a dead letter, in the reader's language. */
import { computed } from '@preact/signals';
import { language } from '../settings.ts';

const en = {
  title: 'Ledger',
  line: (day: string, reported: string, counted: string) =>
    `Ledger ${day}: sources report ${reported}, counted ${counted}`,
  lineUnknown: (day: string, counted: string) => `Ledger ${day}: counted ${counted}; the sources give no totals`,
  whole: 'nothing missing',
  missing: (count: string) => `${count} missing`,
  toCome: (count: string) => `${count} still to come`,
  show: 'Show',
  note: 'Moves by the UTC+8 day on which they happened. Reported is the source’s own running total of the day; missing is what it reports and does not count, taken back moves aside; until the day settles it may still come. A dash: the source says nothing that can be compared.',
  simulated: ' The feeds are simulated.',
  none: 'Nothing is booked yet.',
  day: 'Day',
  source: 'Source',
  reports: 'Reports',
  reported: 'Reported',
  counted: 'Counted',
  duplicates: 'Duplicates',
  late: 'Late',
  retracted: 'Taken back',
  rejected: 'Refused',
  missingHead: 'Missing',
  gaps: 'Reports skipped',
  open: 'open',
  settled: 'settled',
  sources: (count: string) => `${count} sources`,
  redrive: 'To look at one, and to send it again:',
  redriveNote:
    'With --set terminal=CODE (or port=CODE) it is sent mended, under a name of its own. Sent twice it counts once. Of a day that has settled nothing counts any more.',
} as const;

const zh: Words = {
  title: '账目',
  line: (day, reported, counted) => `${day} 账目：数据源自报 ${reported}，已计入 ${counted}`,
  lineUnknown: (day, counted) => `${day} 账目：已计入 ${counted}；数据源未报总数`,
  whole: '无缺失',
  missing: (count) => `缺失 ${count}`,
  toCome: (count) => `${count} 待补`,
  show: '查看',
  note: '按箱次发生的 UTC+8 日统计。自报为数据源当日的累计数；缺失为自报而未计入的箱次，不含撤回的，结算前仍可能补到。短横线表示数据源没有可比的总数。',
  simulated: '数据为模拟。',
  none: '尚无账目。',
  day: '日期',
  source: '数据源',
  reports: '报文',
  reported: '自报',
  counted: '已计入',
  duplicates: '重复',
  late: '迟到',
  retracted: '撤回',
  rejected: '拒收',
  missingHead: '缺失',
  gaps: '跳号报文',
  open: '未结算',
  settled: '已结算',
  sources: (count) => `${count} 个数据源`,
  redrive: '查看并重新投递一条：',
  redriveNote:
    '加 --set terminal=代码（或 port=代码）即按更正后的内容、以独立的报文号重新投递。重复投递也只计一次；已结算的日期不再计入。',
};

type Word<T> = T extends (...blanks: infer Blanks) => string ? (...blanks: Blanks) => string : string;
type Words = { readonly [Key in keyof typeof en]: Word<(typeof en)[Key]> };

export const ledgerWords = computed<Words>(() => (language.value === 'zh' ? zh : en));
