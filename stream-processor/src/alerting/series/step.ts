/** What a series says when the life of one of its incidents goes on. Holds no rule. */
import type { AlertPhase, AlertStatus } from '@quaywatch/contracts';
import type { SeriesKind } from './series-rules.ts';

export type StepReason =
  | 'threshold_crossed'
  | 'threshold_held'
  | 'did_not_hold'
  | 'no_moves'
  | 'back_in_band'
  | 'back_out_of_band'
  | 'above_expected_after_closure'
  | 'hold_elapsed'
  | 'became_usual'
  | 'feed_overdue'
  | 'feed_back'
  | 'duplicates_above_share'
  | 'duplicates_gone';

export type Step = {
  readonly kind: SeriesKind;
  readonly status: AlertStatus;
  readonly phase: AlertPhase;
  readonly reason: StepReason;
  /** Event time where the deviation began; end of the window that decided. */
  readonly sinceMs: number;
  readonly endMs: number;
  readonly windowMs: number;
  /** TEU an hour over the window; of feeds the share 0..1 that reported, of double counting the share that was held out. null: no reading. */
  readonly value: number | null;
  readonly expected: number | null;
  /** One standard deviation around `expected`, in its unit. */
  readonly sigma: number | null;
  /** Deviation as a share of what was expected, negative below. */
  readonly share: number | null;
  readonly z: number | null;
  /** year_on_year: TEU an hour a year before, what growth is told against. */
  readonly yearBefore?: number;
};
