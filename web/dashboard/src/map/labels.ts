/** Where each port's name stands beside its dot: placed by hand, since a rule cannot keep 36 names apart on so small a chart. */
export type Label = {
  readonly code: string;
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** The largest are bold and carry their rate. */
  readonly isLarge?: boolean;
};

export const MAIN_LABELS: readonly Label[] = [
  { code: 'CNSHA', dx: 17, dy: -0.4, anchor: 'start', isLarge: true },
  { code: 'CNTAO', dx: 13, dy: 3.6, anchor: 'start', isLarge: true },
  { code: 'CNNGB', dx: 16, dy: 7.6, anchor: 'start', isLarge: true },
  { code: 'CNTXG', dx: -20, dy: -21, anchor: 'start', isLarge: true },
  { code: 'CNXMN', dx: 11, dy: 8.6, anchor: 'start', isLarge: true },
  { code: 'CNQZH', dx: 0, dy: -8.4, anchor: 'middle' },
  { code: 'CNDLC', dx: 8.5, dy: 7.6, anchor: 'start' },
  { code: 'CNLYG', dx: -6.3, dy: 7.6, anchor: 'end' },
  { code: 'CNFOC', dx: 7.9, dy: 3.6, anchor: 'start' },
  { code: 'CNYNT', dx: -5.2, dy: 12.6, anchor: 'end' },
  { code: 'CNWEI', dx: 6.2, dy: 0.6, anchor: 'start' },
  { code: 'CNYPG', dx: -5.2, dy: 7.6, anchor: 'end' },
  { code: 'CNWUH', dx: 0, dy: -3.4, anchor: 'middle' },
  { code: 'CNSWA', dx: 6.2, dy: -2.4, anchor: 'start' },
  { code: 'CNRZH', dx: -5.2, dy: 0.6, anchor: 'end' },
  { code: 'CNCKG', dx: -0.8, dy: 14.6, anchor: 'start' },
  { code: 'CNWNZ', dx: 7.2, dy: 3.6, anchor: 'start' },
  { code: 'CNWHI', dx: -5.2, dy: 7.6, anchor: 'end' },
  { code: 'CNYIK', dx: 7.2, dy: 3.6, anchor: 'start' },
  { code: 'CNHAK', dx: 6.2, dy: 3.6, anchor: 'start' },
  { code: 'CNJNZ', dx: -5.2, dy: -1.4, anchor: 'end' },
  { code: 'CNQZJ', dx: 8.2, dy: -1.4, anchor: 'start' },
  { code: 'CNTGS', dx: -6, dy: -5, anchor: 'start' },
  { code: 'CNZHA', dx: 11.2, dy: 8.6, anchor: 'start' },
];

export const YANGTZE_LABELS: readonly Label[] = [
  { code: 'CNSHA', dx: -18.8, dy: 1.6, anchor: 'end', isLarge: true },
  { code: 'CNNGB', dx: -18, dy: 0.6, anchor: 'end', isLarge: true },
  { code: 'CNTAC', dx: 10, dy: -8.4, anchor: 'start' },
  { code: 'CNNKG', dx: -0.7, dy: 16.6, anchor: 'start' },
  { code: 'CNZPU', dx: -5.2, dy: 7.6, anchor: 'end' },
  { code: 'CNNTG', dx: -5.2, dy: -3.4, anchor: 'end' },
];

export const PEARL_LABELS: readonly Label[] = [
  { code: 'CNSZX', dx: 0, dy: 30.5, anchor: 'middle', isLarge: true },
  { code: 'CNCAN', dx: 13.9, dy: -8.4, anchor: 'start', isLarge: true },
  { code: 'CNFOS', dx: -5.7, dy: 4.6, anchor: 'end' },
  { code: 'CNJMN', dx: -4, dy: -6.4, anchor: 'middle' },
  { code: 'CNZSN', dx: -5.2, dy: 11.6, anchor: 'end' },
  { code: 'CNHMN', dx: 6, dy: -3.4, anchor: 'start' },
  { code: 'CNZUH', dx: 8, dy: 3.6, anchor: 'start' },
  { code: 'CNHUI', dx: -4, dy: 13.6, anchor: 'middle' },
];
