/**
 * The last values of a quantity, in order of size: ranks, quantiles and tails without a distribution assumed.
 * Bounded: the oldest value leaves when it is full. Does not know what the quantity means.
 */

/** Two arrays of one invariant: `#sorted` holds the values of `#ring`, ascending. */
export class SortedHistory {
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #size = 0;
  #at = 0;

  constructor(lengthMax: number) {
    this.#ring = new Float64Array(lengthMax);
    this.#sorted = new Float64Array(lengthMax);
  }

  get size(): number {
    return this.#size;
  }

  /** The value of a place in ascending order, 0 the smallest. */
  nth(place: number): number {
    return this.#sorted[place] ?? Number.NaN;
  }

  /** How many are smaller. */
  countBelow(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.nth(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many are smaller or equal. */
  countUpTo(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.nth(middle) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Sum of the values at the places from `from` to before `to`. */
  sum(from: number, to: number): number {
    let total = 0;
    for (let place = from; place < to; place++) total += this.nth(place);
    return total;
  }

  push(value: number): void {
    if (this.#size === this.#ring.length) {
      const oldest = this.countBelow(this.#ring[this.#at] ?? 0);
      this.#sorted.copyWithin(oldest, oldest + 1, this.#size);
      this.#size--;
    }
    const place = this.countBelow(value);
    this.#sorted.copyWithin(place + 1, place, this.#size);
    this.#sorted[place] = value;
    this.#size++;
    this.#ring[this.#at] = value;
    this.#at = (this.#at + 1) % this.#ring.length;
  }
}
