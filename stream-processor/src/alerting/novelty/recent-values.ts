/** The last values of a stream, oldest first, in a ring of fixed length. */

export type RecentValues = {
  readonly values: Float64Array;
  /** Values ever taken. */
  count: number;
};

export function createRecentValues(length: number): RecentValues {
  return { values: new Float64Array(length), count: 0 };
}

export function take(recent: RecentValues, value: number): void {
  recent.values[recent.count % recent.values.length] = value;
  recent.count++;
}

export function isFull(recent: RecentValues): boolean {
  return recent.count >= recent.values.length;
}

/** Mean of the newest `length` values; the sum is taken anew each time, so that no rounding gathers. */
export function meanOfLast(recent: RecentValues, length: number): number {
  const size = recent.values.length;
  let sum = 0;
  for (let back = length; back >= 1; back--) sum += recent.values[(recent.count - back) % size] ?? 0;
  return sum / length;
}

/** Copies the values into `window`, oldest first. */
export function copyInOrder(recent: RecentValues, window: Float64Array): void {
  const size = recent.values.length;
  const oldest = recent.count % size;
  window.set(recent.values.subarray(oldest));
  window.set(recent.values.subarray(0, oldest), size - oldest);
}
