/**
 * Whether a bad deploy is running everything into dead letters: the share of entries rejected over the last records, and whether it is most senders
 * or one. One sender's burst never stops the others. No clock, no IO.
 */
import type { DeadLetter } from '@quaywatch/contracts';

/** Records with something in them that are looked back on; fewer than the least say nothing. */
const recordsMax = 2_000;
const recordsMin = 200;

type Seen = { readonly sender: string; readonly entries: number; readonly rejected: number; readonly reason: string };

/** Guards: sums are those of the records that it holds. */
export class RejectWatch {
  readonly #shareMax: number;
  readonly #seen: Seen[] = [];
  readonly #bySender = new Map<string, { entries: number; rejected: number }>();
  #entries = 0;
  #rejected = 0;

  /** @param shareMax 0..1; 1 watches nothing. */
  constructor(shareMax: number) {
    this.#shareMax = shareMax;
  }

  /** @param entries that the record brought, as far as it could be read; @param letters what was rejected of it. */
  note(sender: string, entries: number, letters: readonly DeadLetter[]): void {
    const rejected = letters.reduce((sum, letter) => sum + letter.count, 0);
    // Heartbeats go well whatever is wrong with the moves.
    if (this.#shareMax >= 1 || entries + rejected === 0) return;
    const one = { sender, entries: Math.max(entries, rejected), rejected, reason: letters[0]?.reason ?? '' };
    this.#add(one, 1);
    this.#seen.push(one);
    const oldest = this.#seen.length > recordsMax ? this.#seen.shift() : undefined;
    if (oldest !== undefined) this.#add(oldest, -1);
  }

  #add({ sender, entries, rejected }: Seen, sign: 1 | -1): void {
    const sums = this.#bySender.get(sender) ?? { entries: 0, rejected: 0 };
    sums.entries += sign * entries;
    sums.rejected += sign * rejected;
    if (sums.entries === 0) this.#bySender.delete(sender);
    else this.#bySender.set(sender, sums);
    this.#entries += sign * entries;
    this.#rejected += sign * rejected;
  }

  /** Why to stop; undefined: nothing is wrong, or it is not everybody's. */
  trouble(): string | undefined {
    const isTooMuch = this.#seen.length >= recordsMin && this.#rejected > this.#shareMax * this.#entries;
    if (!isTooMuch) return undefined;
    const senders = [...this.#bySender.values()];
    const bad = senders.filter((one) => one.rejected > this.#shareMax * one.entries).length;
    if (bad * 2 < senders.length) return undefined;
    const reasons = new Map<string, number>();
    for (const { reason, rejected } of this.#seen)
      if (rejected > 0) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const [reason = ''] = [...reasons].sort((a, b) => b[1] - a[1])[0] ?? [];
    const share = Math.round((100 * this.#rejected) / this.#entries);
    return (
      `${share} % of the entries of the last ${this.#seen.length} records were rejected, from ${bad} of ${senders.length} senders, most as ${reason}: ` +
      'counting stops before a whole day goes to the dead letters. Look: npm run dead-letters -- list. Mend the senders and start again, or set QUAYWATCH_REJECT_SHARE_MAX=1 to go on as it is.'
    );
  }
}
