/** Ground truth of what a simulated feed was disturbed by: topic quaywatch.scenario.v1, key `id`, value JSON. */
export type ScenarioEvent = {
  readonly id: string;
  readonly kind: 'closure' | 'rebound' | 'stall' | 'surge' | 'drop' | 'drift' | 'silent_feed' | 'double_counting';
  readonly port: string;
  /** Empty: all terminals of the port. */
  readonly terminals: readonly string[];
  readonly from_ms: number;
  readonly to_ms: number;
  /** Factor on the volume, where the kind has one. */
  readonly factor: number | null;
  readonly note_en: string;
  readonly note_zh: string;
  /** Live feeds, or the recording that it belongs to. */
  readonly stretch: string;
};
