/** Names of ports, terminals and clusters in the reader's language. A code that is not known stands for itself. */
import {
  type AlertTransition,
  type ClusterGroup,
  PORTS,
  type Port,
  TERMINALS,
  type Terminal,
  terminalOf,
} from '@quaywatch/contracts';
import type { Language } from './format.ts';
import { wordsOf } from './names.ts';

const PORT_BY_CODE: ReadonlyMap<string, Port> = new Map(PORTS.map((port) => [port.code, port]));

export const CLUSTERS: readonly ClusterGroup[] = ['yangtze', 'pearl', 'bohai', 'south_coast'];

/**
 * As the terminals' companies call themselves, shortened; the company of a code is in the SMDG list, e.g. Ningbo Gangji (BLGAN) and Ningbo
 * Yining (BLYIN), 宁波港吉 and 宁波意宁码头经营有限公司. A terminal whose Chinese name is not here goes by its English one.
 */
const TERMINALS_ZH: Readonly<Record<string, string>> = {
  'CNSGH:SECT': '外高桥四期（沪东）',
  'CNSGH:SGICT': '洋山三期（冠东）',
  'CNSGH:SMCT': '外高桥五期（明东）',
  'CNSGH:SPICT': '外高桥一期（浦东）',
  'CNSGH:SHENG': '洋山一二期（盛东）',
  'CNSGH:SIPGSD': '洋山四期（尚东）',
  'CNSGH:WAIG': '外高桥二三期（振东）',
  'CNNBO:BLCT1': '北仑国际',
  'CNNBO:BLCT2': '北仑二期',
  'CNNBO:BLGAN': '北仑三期港吉',
  'CNNBO:BLYIN': '北仑三期意宁',
  'CNNBO:BLYUA': '北仑三期远东',
  'CNNBO:BLTCT': '北仑三期',
  'CNNBO:BLCT5': '大榭',
  'CNNBO:NDXYT': '大榭信业',
  'CNNBO:BLCT6': '梅山',
  'CNNBO:ZHCT': '镇海',
  'CNNBO:YZCT7': '舟山甬舟',
  'CNDCB:DACHAN': '大铲湾',
  'CNSHK:CCT': '赤湾',
  'CNSHK:MCT': '妈湾',
  'CNSHK:SCT': '蛇口',
  'CNSHK:SCMWH': '妈湾海星',
  'CNYTN:YICT': '盐田国际',
  'CNYTN:YICTW': '盐田西',
  'CNQIN:QQCTX': '前湾',
  'CNQIN:QQCTN': '新前湾',
  'CNQIN:QQCTU': '前湾联合',
  'CNQIN:QQCTUA': '前湾新联合',
  'CNNSA:NANS': '南沙二期',
  'CNNSA:NCT1': '南沙一期',
  'CNNSA:NICT': '南沙三期',
  'CNTNJ:TACT1': '天津联盟',
  'CNTNJ:THCC1': '天津集装箱',
  'CNTNJ:TECT1': '天津欧亚',
  'CNTNJ:TPCT1': '天津太平洋',
  'CNTNJ:TSCT': '天津二公司',
  'CNXAM:XHDCT': '海沧新海达',
  'CNXAM:XRCT': '海润',
  'CNXAM:XHCT': '海天',
  'CNXAM:XICT': '厦门国际货柜',
  'CNXAM:XTCT': '海通',
  'CNXAM:XOGT': '厦门远海',
  'CNXAM:XSCT': '嵩屿',
  'CNZJG:ZWT': '张家港永嘉',
  'CNCGS:CXCT': '常熟兴华',
  'CNTAC:SMTL': '苏州现代',
  'CNTAC:TIC': '太仓国际',
  'CNTAC:TPZX': '太仓正和兴港',
  'CNTAC:TZICT': '太仓正和国际',
  'CNQZH:BICT': '北部湾国际',
  'CNRZH:XXXXX': '日照港',
  'CNLYG:LNOCT': '新东方国际',
  'CNLYG:LPCT': '连云港 PSA',
  'CNYIK:BQCT': '鲅鱼圈',
  'CNZPU:ZIT': '乍浦世航',
  'CNWNZ:WJYCT': '温州金洋',
  'CNWNZ:ZYACT': '温州状元岙',
  'CNFOS:QW1': '佛山内河',
  'CNZSN:QW1': '中山内河',
  'CNDAL:DPCT': '大连集装箱',
  'CNYAT:YPCT': '烟台国际',
  'CNHMN:DCT': '东莞国际',
  'CNFZH:FICT': '福州江阴国际',
  'CNFZH:FMP': '福州青州',
  'CNNJI:NJCT': '南京江北',
  'CNNJI:NPL': '南京龙潭',
  'CNWUH:QW1': '武汉阳逻',
  'CNNTG:NTT': '南通通海',
  'CNQZL:QSST': '石狮石湖',
  'CNTGS:QW1': '唐山京唐',
  'CNYPG:SDIC': '国投洋浦',
  'CNYPG:YPICT': '洋浦国际',
  'CNHKO:HXCT': '海口秀英',
  'CNSTG:SGAT': '汕头广澳',
  'CNZNG:ZBCT': '湛江宝满',
  'CNWEI:00001': '威海港',
  'CNJNZ:JNACT': '锦州新时代',
  'CNJNZ:JPCT': '锦州港',
  'CNJMN:JMCT': '江门高沙',
  'CNJMN:JMNP': '江门新港',
  'CNGON:ZICTG': '珠海高栏',
  'CNWHI:WICT': '芜湖国际',
  'CNCQI:CUNTAN': '寸滩',
  'CNHUI:HICT': '惠州国际',
};

export function portByCode(code: string): Port | undefined {
  return PORT_BY_CODE.get(code);
}

/** Shanghai; 上海 (the 港 of the full name is said by the column). */
export function portName(code: string, language: Language): string {
  const port = PORT_BY_CODE.get(code);
  if (port === undefined) return code;
  return language === 'zh' ? port.nameZh.replace(/港$/, '') : port.nameEn;
}

export function terminalName(code: string, language: Language): string {
  const name = terminalOf(code)?.nameEn ?? code;
  return language === 'zh' ? (TERMINALS_ZH[code] ?? name) : name;
}

/** The SMDG part of a terminal's code: BLGAN. */
export function terminalShort(code: string): string {
  return code.slice(code.indexOf(':') + 1);
}

export function terminalsOfPort(code: string): readonly Terminal[] {
  const index = PORT_BY_CODE.get(code)?.index;
  return TERMINALS.filter((terminal) => terminal.portIndex === index);
}

export function clusterName(cluster: string, language: Language): string {
  const names: Readonly<Record<string, string>> = wordsOf(language).clusters;
  return names[cluster] ?? cluster;
}

/** Where an alert is: China, Yangtze Delta, Shanghai, Yangshan 3 (Guandong). */
export function placeName(
  alert: Pick<AlertTransition, 'level' | 'cluster' | 'port' | 'terminals'>,
  language: Language,
): string {
  switch (alert.level) {
    case 'nation':
      return wordsOf(language).nation;
    case 'cluster':
      return clusterName(alert.cluster, language);
    case 'port':
      return portName(alert.port, language);
    case 'terminal': {
      const [terminal] = alert.terminals;
      const port = portName(alert.port, language);
      if (terminal === undefined) return port;
      return language === 'zh' ? `${port} ${terminalName(terminal, 'zh')}` : `${port}, ${terminalName(terminal, 'en')}`;
    }
  }
}
