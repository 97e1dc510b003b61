/** Why an entry or a report was not counted. docs/contract.md says what each means and what mends it. */
export const DEAD_LETTER_REASONS = [
  'unreadable',
  'too_large',
  'unknown_version',
  'unknown_port',
  'unknown_terminal',
  'wrong_partition',
  'unknown_function',
  'bad_header',
  'columns_differ',
  'too_many_entries',
  'unknown_code',
  'bad_quantity',
  'bad_container_number',
  'in_future',
  'too_late',
  'amends_settled',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export type DeadLetter = {
  readonly partition: number;
  readonly offset: number;
  /** Index of the entry in its report; −1 for a whole record. */
  readonly entry: number;
  /** Entries that this letter stands for. */
  readonly count: number;
  readonly reason: DeadLetterReason;
  /** Log time. */
  readonly atMs: number;
  readonly port: string;
  readonly terminal: string;
  readonly detail: string;
};

/** A dead letter as table `quaywatch.dead_letters` holds it. */
export type StoredDeadLetter = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly entry: number;
  readonly entries: number;
  readonly reason: string;
  readonly at_ms: number;
  readonly port: string;
  readonly terminal: string;
  readonly detail: string;
};
