/** Windows with every measure, as the gateway answers them. Only views that are fetched when they are looked at ask for them. */
import type { MEASURES, WindowPoint } from '@quaywatch/contracts';
import { type Answer, query, request } from './api.ts';

export type MeasureRow = {
  readonly port: string;
  readonly terminal: string;
  readonly start_ms: number;
  readonly completeness: number;
  /** In the order of MEASURES: TEU, or counts of moves. */
  readonly values: readonly number[];
};

export type MeasuresAsked = {
  readonly port?: string;
  readonly size: WindowPoint['size_s'];
  readonly from: number;
  readonly to: number;
  readonly run: string;
  readonly terminals?: 'true';
};

type MeasuresAnswer = { as_of: number; run: string; measures: typeof MEASURES; rows: MeasureRow[] };

export const askMeasures = (asked: MeasuresAsked): Promise<Answer<MeasuresAnswer>> =>
  request('GET', `measures${query({ ...asked })}`);
