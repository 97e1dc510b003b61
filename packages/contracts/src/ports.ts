/**
 * The ports and terminals that Quaywatch knows: codes, names, places, aliases and Kafka partitions.
 * It deliberately holds no volumes (those are in `seeds`) and never invents a port: an unknown code is `undefined`.
 */

/** The four coasts that the page shows. `south_coast` is everything that is not one of the three big clusters. */
export type ClusterGroup = 'yangtze' | 'pearl' | 'bohai' | 'south_coast';

export type Port = {
  /** Place of the port in {@link PORTS}, 0..35. Fixed: stored rows and the wire may use it. */
  readonly index: number;
  /** Canonical trade code such as `CNSHA`; the Kafka key. Not always the UN/LOCODE of the port (that is an alias). */
  readonly code: string;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly province: string;
  readonly cluster: string;
  readonly clusterGroup: ClusterGroup;
  /** Degrees north, WGS 84: the middle of the port's terminals, which may fall on land or water between them. */
  readonly lat: number;
  /** Degrees east, WGS 84. */
  readonly lon: number;
  /** UN/LOCODE and SMDG codes that mean this port, without {@link Port.code} itself. */
  readonly aliases: readonly string[];
  /** IANA name of the zone of the port's clocks. Not that of the counting day, which is the same for every port. */
  readonly zone: string;
  /** Partition 0..11 of `quaywatch.moves.v1`, see {@link PARTITIONS}. */
  readonly partition: number;
};

export type Terminal = {
  /** Place of the terminal in {@link TERMINALS}, 0..84. */
  readonly index: number;
  /** UN/LOCODE, colon, SMDG code: `CNSGH:SECT`. The SMDG code alone is unique only within its UN/LOCODE. */
  readonly code: string;
  readonly portIndex: number;
  readonly nameEn: string;
  /** Degrees north, WGS 84. */
  readonly lat: number;
  /** Degrees east, WGS 84. */
  readonly lon: number;
  /** True where SMDG lists no terminal of the port and the code is ours (`…:QW1`, place = the port's). */
  readonly isOurs: boolean;
};

export const PARTITION_COUNT = 12;

/**
 * Partition number → port codes. Fixed for ever: moving a port would split its history over two partitions.
 * Largest first into the emptiest partition, by customs-scope TEU of the first half of 2025 (the share of the nation
 * is beside each line). A hash of the codes would put 24.5 % on one partition and under 0.5 % on four.
 */
export const PARTITIONS: readonly (readonly string[])[] = [
  ['CNSHA'], // 23.5 %
  ['CNNGB'], // 17.4 %
  ['CNSZX'], // 16.7 %
  ['CNTAO'], // 11.9 %
  ['CNTXG'], // 6.9 %
  ['CNCAN'], // 5.9 %
  ['CNXMN'], // 4.7 %
  ['CNQZH', 'CNWEI', 'CNNTG', 'CNWHI', 'CNHUI'], // 2.6 %
  ['CNTAC', 'CNZSN', 'CNZPU', 'CNZUH', 'CNQZJ', 'CNJNZ'], // 2.6 %
  ['CNDLC', 'CNNKG', 'CNSWA', 'CNRZH', 'CNZHA'], // 2.6 %
  ['CNLYG', 'CNYNT', 'CNWUH', 'CNHMN', 'CNWNZ', 'CNYIK'], // 2.6 %
  ['CNFOC', 'CNFOS', 'CNJMN', 'CNYPG', 'CNCKG', 'CNHAK', 'CNTGS'], // 2.6 %
];

// Coordinates to 4 decimals (11 m). Trade codes and aliases: UN/LOCODE and the SMDG terminal code list, 2025.
const PORT_ROWS: readonly (readonly [
  code: string,
  nameEn: string,
  nameZh: string,
  province: string,
  cluster: keyof typeof CLUSTER_GROUPS,
  lat: number,
  lon: number,
  aliases: readonly string[],
])[] = [
  ['CNSHA', 'Shanghai', '上海港', 'Shanghai', 'Yangtze Delta', 31.0444, 121.8056, ['CNSGH', 'CNSHG']],
  [
    'CNNGB',
    'Ningbo-Zhoushan',
    '宁波舟山港',
    'Zhejiang',
    'Yangtze Delta',
    29.9109,
    121.9386,
    ['CNNBO', 'CNNBG', 'CNZOS'],
  ],
  [
    'CNSZX',
    'Shenzhen',
    '深圳港',
    'Guangdong',
    'Pearl Delta',
    22.5102,
    113.9819,
    ['CNSNZ', 'CNYTN', 'CNSHK', 'CNCWN', 'CNDCB'],
  ],
  ['CNTAO', 'Qingdao', '青岛港', 'Shandong', 'Bohai Rim', 36.0075, 120.2197, ['CNQIN', 'CNQDG']],
  ['CNCAN', 'Guangzhou', '广州港', 'Guangdong', 'Pearl Delta', 22.6382, 113.6827, ['CNGGZ', 'CNNSA', 'CNHUA', 'CNGZG']],
  ['CNTXG', 'Tianjin', '天津港', 'Tianjin', 'Bohai Rim', 38.9983, 117.7764, ['CNTNJ', 'CNTSN']],
  ['CNXMN', 'Xiamen', '厦门港', 'Fujian', 'Southeast', 24.4571, 118.0152, ['CNXAM', 'CNXMG']],
  ['CNTAC', 'Suzhou', '苏州港', 'Jiangsu', 'Yangtze River', 31.7173, 121.0422, ['CNZJG', 'CNCGS']],
  ['CNQZH', 'Beibu Gulf', '北部湾港', 'Guangxi', 'Southwest', 21.6778, 108.6408, ['CNFAN', 'CNBIH']],
  ['CNRZH', 'Rizhao', '日照港', 'Shandong', 'Bohai Rim', 35.3653, 119.5333, []],
  ['CNLYG', 'Lianyungang', '连云港港', 'Jiangsu', 'Yangtze Delta', 34.7465, 119.4322, []],
  ['CNYIK', 'Yingkou', '营口港', 'Liaoning', 'Bohai Rim', 40.2689, 122.0953, ['CNBYQ']],
  ['CNDLC', 'Dalian', '大连港', 'Liaoning', 'Bohai Rim', 39.0089, 121.8736, ['CNDAL', 'CNDAG']],
  ['CNYNT', 'Yantai', '烟台港', 'Shandong', 'Bohai Rim', 37.5808, 121.3778, ['CNYAT', 'CNYTG']],
  ['CNHMN', 'Dongguan', '东莞港', 'Guangdong', 'Pearl Delta', 22.8683, 113.5725, ['CNDGG']],
  ['CNFOC', 'Fuzhou', '福州港', 'Fujian', 'Southeast', 25.7108, 119.3819, ['CNFZH']],
  ['CNFOS', 'Foshan', '佛山港', 'Guangdong', 'Pearl Delta', 23.02, 113.12, []],
  ['CNZPU', 'Jiaxing', '嘉兴港', 'Zhejiang', 'Yangtze Delta', 30.5839, 121.0781, []],
  ['CNNKG', 'Nanjing', '南京港', 'Jiangsu', 'Yangtze River', 32.0738, 118.825, ['CNNJI', 'CNNJG']],
  ['CNWUH', 'Wuhan', '武汉港', 'Hubei', 'Yangtze River', 30.66, 114.56, []],
  ['CNNTG', 'Nantong', '南通港', 'Jiangsu', 'Yangtze River', 31.7969, 121.025, []],
  ['CNQZJ', 'Quanzhou', '泉州港', 'Fujian', 'Southeast', 24.8169, 118.7239, ['CNQZL']],
  ['CNTGS', 'Tangshan', '唐山港', 'Hebei', 'Bohai Rim', 39.21, 119.02, ['CNJIN', 'CNCFD']],
  ['CNYPG', 'Yangpu', '洋浦港', 'Hainan', 'Hainan', 19.7221, 109.1826, []],
  ['CNHAK', 'Haikou', '海口港', 'Hainan', 'Hainan', 20.0367, 110.2817, ['CNHKO']],
  ['CNSWA', 'Shantou', '汕头港', 'Guangdong', 'Southeast', 23.2275, 116.7719, ['CNSTG']],
  ['CNZHA', 'Zhanjiang', '湛江港', 'Guangdong', 'Southwest', 21.1364, 110.3947, ['CNZNG']],
  ['CNWEI', 'Weihai', '威海港', 'Shandong', 'Bohai Rim', 37.4428, 122.1994, ['CNWEG']],
  ['CNJNZ', 'Jinzhou', '锦州港', 'Liaoning', 'Bohai Rim', 40.8036, 121.0565, []],
  ['CNWNZ', 'Wenzhou', '温州港', 'Zhejiang', 'Southeast', 27.9465, 120.9958, []],
  ['CNJMN', 'Jiangmen', '江门港', 'Guangdong', 'Pearl Delta', 22.5826, 113.1365, []],
  ['CNZSN', 'Zhongshan', '中山港', 'Guangdong', 'Pearl Delta', 22.56, 113.47, []],
  ['CNZUH', 'Zhuhai', '珠海港', 'Guangdong', 'Pearl Delta', 21.9328, 113.2219, ['CNGON']],
  ['CNWHI', 'Wuhu', '芜湖港', 'Anhui', 'Yangtze River', 31.4028, 118.3511, []],
  ['CNCKG', 'Chongqing', '重庆港', 'Chongqing', 'Yangtze River', 29.6181, 106.5917, ['CNCQI', 'CNCHQ']],
  ['CNHUI', 'Huizhou', '惠州港', 'Guangdong', 'Pearl Delta', 22.6967, 114.5553, []],
];

const CLUSTER_GROUPS = {
  'Yangtze Delta': 'yangtze',
  'Yangtze River': 'yangtze',
  'Pearl Delta': 'pearl',
  'Bohai Rim': 'bohai',
  Southeast: 'south_coast',
  Southwest: 'south_coast',
  Hainan: 'south_coast',
} as const satisfies Record<string, ClusterGroup>;

const OUR_TERMINAL_SUFFIX = ':QW1';

// Codes and places: SMDG terminal code list, 2025; the names are shortened by us. Order: by port, then as SMDG lists.
const TERMINAL_ROWS: readonly (readonly [portIndex: number, code: string, nameEn: string, lat: number, lon: number])[] =
  [
    [0, 'CNSGH:SECT', 'Waigaoqiao 4 (Shanghai East)', 31.3392, 121.6506],
    [0, 'CNSGH:SGICT', 'Yangshan 3 (Guandong)', 30.6133, 122.075],
    [0, 'CNSGH:SMCT', 'Waigaoqiao 5 (Mingdong)', 31.33, 121.6686],
    [0, 'CNSGH:SPICT', 'Waigaoqiao 1 (Pudong)', 31.3683, 121.5931],
    [0, 'CNSGH:SHENG', 'Yangshan 1-2 (Shengdong)', 30.6325, 122.0478],
    [0, 'CNSGH:SIPGSD', 'Yangshan 4 (Shangdong)', 30.6528, 122.0244],
    [0, 'CNSGH:WAIG', 'Waigaoqiao 2-3 (Zhendong)', 31.375, 121.5794],
    [1, 'CNNBO:BLCT1', 'Beilun International', 29.9361, 121.8667],
    [1, 'CNNBO:BLCT2', 'Beilun Second', 29.945, 121.8367],
    [1, 'CNNBO:BLGAN', 'Beilun Third, Ganji', 29.89, 122.0358],
    [1, 'CNNBO:BLYIN', 'Beilun Third, Yining', 29.8878, 122.0436],
    [1, 'CNNBO:BLYUA', 'Beilun Third, Yuandong', 29.8869, 122.0525],
    [1, 'CNNBO:BLTCT', 'Beilun Third', 29.8886, 122.0625],
    [1, 'CNNBO:BLCT5', 'Daxie', 29.9353, 121.9275],
    [1, 'CNNBO:NDXYT', 'Daxie Xinye', 29.92, 121.9269],
    [1, 'CNNBO:BLCT6', 'Meishan Island', 29.7717, 122.0003],
    [1, 'CNNBO:ZHCT', 'Zhenhai', 29.9706, 121.7322],
    [1, 'CNNBO:YZCT7', 'Zhoushan Yongzhou', 29.9883, 121.8397],
    [2, 'CNDCB:DACHAN', 'Da Chan Bay One', 22.5333, 113.8556],
    [2, 'CNSHK:CCT', 'Chiwan', 22.4667, 113.8758],
    [2, 'CNSHK:MCT', 'Mawan', 22.4881, 113.8672],
    [2, 'CNSHK:SCT', 'Shekou', 22.4536, 113.8922],
    [2, 'CNSHK:SCMWH', 'Mawan Haixing', 22.4967, 113.8642],
    [2, 'CNYTN:YICT', 'Yantian International', 22.5728, 114.2689],
    [2, 'CNYTN:YICTW', 'Yantian West', 22.56, 114.2492],
    [3, 'CNQIN:QQCTN', 'New Qianwan', 36.0122, 120.2333],
    [3, 'CNQIN:QQCTX', 'Qianwan', 36.0092, 120.2064],
    [3, 'CNQIN:QQCTUA', 'Qianwan United Advance', 36.0092, 120.2272],
    [3, 'CNQIN:QQCTU', 'Qianwan United', 35.9994, 120.2117],
    [4, 'CNNSA:NANS', 'Nansha 2 (Oceangate)', 22.6383, 113.6828],
    [4, 'CNNSA:NCT1', 'Nansha 1', 22.6542, 113.6783],
    [4, 'CNNSA:NICT', 'Nansha 3 (International)', 22.6222, 113.6869],
    [5, 'CNTNJ:TACT1', 'Tianjin Alliance', 38.9947, 117.7764],
    [5, 'CNTNJ:THCC1', 'Tianjin Container', 38.9786, 117.77],
    [5, 'CNTNJ:TECT1', 'Tianjin Euroasia', 39.0044, 117.7736],
    [5, 'CNTNJ:TPCT1', 'Tianjin Pacific', 38.9997, 117.7914],
    [5, 'CNTNJ:TSCT', 'Tianjin Second', 39.0139, 117.7706],
    [6, 'CNXAM:XHDCT', 'Haicang Xinhaida', 24.4569, 117.9636],
    [6, 'CNXAM:XRCT', 'Hairun', 24.4478, 118.0058],
    [6, 'CNXAM:XHCT', 'Haitian', 24.51, 118.0786],
    [6, 'CNXAM:XTCT', 'Haitong', 24.4419, 118.0406],
    [6, 'CNXAM:XICT', 'Xiamen International', 24.4461, 118.0142],
    [6, 'CNXAM:XOGT', 'Xiamen Ocean Gate', 24.455, 117.9717],
    [6, 'CNXAM:XSCT', 'Songyu', 24.4419, 118.0317],
    [7, 'CNCGS:CXCT', 'Changshu Xinghua', 31.7639, 120.9453],
    [7, 'CNTAC:SMTL', 'Suzhou Modern', 31.6475, 121.2169],
    [7, 'CNTAC:TIC', 'Taicang International', 31.6414, 121.2253],
    [7, 'CNTAC:TPZX', 'Taicang Zhenghe Xinggang', 31.6522, 121.2103],
    [7, 'CNTAC:TZICT', 'Taicang Zhenghe International', 31.6319, 121.2358],
    [7, 'CNZJG:ZWT', 'Zhangjiagang Win Hanverky', 31.9669, 120.4197],
    [8, 'CNQZH:BICT', 'Beibu Gulf International', 21.6778, 108.6408],
    [9, 'CNRZH:XXXXX', 'Rizhao Port', 35.3653, 119.5333],
    [10, 'CNLYG:LNOCT', 'New Oriental International', 34.7453, 119.4278],
    [10, 'CNLYG:LPCT', 'Lianyungang PSA', 34.7478, 119.4367],
    [11, 'CNYIK:BQCT', 'Bayuquan', 40.2689, 122.0953],
    [12, 'CNDAL:DPCT', 'Dalian Container', 39.0089, 121.8736],
    [13, 'CNYAT:YPCT', 'Yantai International', 37.5808, 121.3778],
    [14, 'CNHMN:DCT', 'Dongguan International', 22.8683, 113.5725],
    [15, 'CNFZH:FICT', 'Fuzhou International (Jiangyin)', 25.4167, 119.2858],
    [15, 'CNFZH:FMP', 'Fuzhou Qingzhou', 26.005, 119.4781],
    [16, 'CNFOS:QW1', 'Foshan River', 23.02, 113.12],
    [17, 'CNZPU:ZIT', 'Zhapu Shihang', 30.5839, 121.0781],
    [18, 'CNNJI:NJCT', 'Nanjing Jiangbei', 31.9386, 118.5897],
    [18, 'CNNJI:NPL', 'Nanjing Longtan', 32.2089, 119.0603],
    [19, 'CNWUH:QW1', 'Wuhan Yangluo', 30.66, 114.56],
    [20, 'CNNTG:NTT', 'Nantong Tonghai', 31.7969, 121.025],
    [21, 'CNQZL:QSST', 'Shishi Shihu', 24.8169, 118.7239],
    [22, 'CNTGS:QW1', 'Tangshan Jingtang', 39.21, 119.02],
    [23, 'CNYPG:SDIC', 'SDIC Yangpu', 19.7306, 109.1961],
    [23, 'CNYPG:YPICT', 'Yangpu International', 19.7136, 109.1692],
    [24, 'CNHKO:HXCT', 'Haikou Xiuying', 20.0367, 110.2817],
    [25, 'CNSTG:SGAT', 'Shantou Guangao', 23.2275, 116.7719],
    [26, 'CNZNG:ZBCT', 'Zhanjiang Baoman', 21.1364, 110.3947],
    [27, 'CNWEI:00001', 'Weihai Port', 37.4428, 122.1994],
    [28, 'CNJNZ:JNACT', 'Jinzhou New Age', 40.8061, 121.055],
    [28, 'CNJNZ:JPCT', 'Jinzhou Port', 40.8011, 121.0581],
    [29, 'CNWNZ:WJYCT', 'Wenzhou Jinyang', 27.9972, 120.8817],
    [29, 'CNWNZ:ZYACT', 'Wenzhou Zhuangyuan', 27.8958, 121.11],
    [30, 'CNJMN:JMCT', 'Jiangmen Gaosha', 22.6239, 113.0994],
    [30, 'CNJMN:JMNP', 'Jiangmen New Port', 22.5414, 113.1736],
    [31, 'CNZSN:QW1', 'Zhongshan River', 22.56, 113.47],
    [32, 'CNGON:ZICTG', 'Zhuhai Gaolan', 21.9328, 113.2219],
    [33, 'CNWHI:WICT', 'Wuhu International', 31.4028, 118.3511],
    [34, 'CNCQI:CUNTAN', 'Cuntan', 29.6181, 106.5917],
    [35, 'CNHUI:HICT', 'Huizhou International', 22.6967, 114.5553],
  ];

// IANA tz database 2025, `zone1970.tab`: all of China but Xinjiang, which has no port here.
const CHINA_ZONE = 'Asia/Shanghai';

/** The 36 ports, largest container ports first (all throughput of 2024, roughly); index = place. */
export const PORTS: readonly Port[] = PORT_ROWS.map(
  ([code, nameEn, nameZh, province, cluster, lat, lon, aliases], index) => ({
    index,
    code,
    nameEn,
    nameZh,
    province,
    cluster,
    clusterGroup: CLUSTER_GROUPS[cluster],
    lat,
    lon,
    aliases,
    zone: CHINA_ZONE,
    partition: PARTITIONS.findIndex((codes) => codes.includes(code)),
  }),
);

/** The 85 terminals, by port; index = place. The terminals of a port are next to each other. */
export const TERMINALS: readonly Terminal[] = TERMINAL_ROWS.map(([portIndex, code, nameEn, lat, lon], index) => ({
  index,
  code,
  portIndex,
  nameEn,
  lat,
  lon,
  isOurs: code.endsWith(OUR_TERMINAL_SUFFIX),
}));

const PORT_BY_CODE: ReadonlyMap<string, Port> = new Map(
  PORTS.flatMap((port) => [port.code, ...port.aliases].map((code) => [code, port] as const)),
);

const TERMINAL_BY_CODE: ReadonlyMap<string, Terminal> = terminalsByCode();

/**
 * A terminal also answers under its port's other codes (`CNSHA:SECT`, `CNSHG:SECT`), because feeds mix them. It does
 * not answer under a code that is the UN/LOCODE of other terminals: `CNYTN:CCT` is not Chiwan, which is `CNSHK:CCT`.
 */
function terminalsByCode(): Map<string, Terminal> {
  const locodesInUse = new Set(TERMINALS.map((terminal) => terminal.code.split(':')[0]));
  const byCode = new Map<string, Terminal>();
  for (const terminal of TERMINALS) {
    byCode.set(terminal.code, terminal);
    const port = PORTS[terminal.portIndex];
    if (port === undefined) continue;
    const smdgCode = terminal.code.slice(terminal.code.indexOf(':') + 1);
    for (const code of [port.code, ...port.aliases]) {
      if (!locodesInUse.has(code)) byCode.set(`${code}:${smdgCode}`, terminal);
    }
  }
  return byCode;
}

/** Port of a trade code, UN/LOCODE or SMDG alias (upper case); `undefined` = unknown, a dead letter and never a new port. */
export function portOf(codeOrAlias: string): Port | undefined {
  return PORT_BY_CODE.get(codeOrAlias);
}

/** Terminal of `LOCODE:SMDG`, where LOCODE may be an alias of the port; `undefined` = unknown. */
export function terminalOf(code: string): Terminal | undefined {
  return TERMINAL_BY_CODE.get(code);
}
