/**
 * Rows on their way out, as columns: what the core emits and the ClickHouse adapter writes without another copy.
 */
import { MEASURE_COUNT } from '@quaywatch/contracts';

export class RowBatch {
  count = 0;
  capacity: number;
  terminalIndex: Uint16Array;
  sizeS: Uint32Array;
  startS: Uint32Array;
  revision: Uint16Array;
  version: Float64Array;
  knownAtMs: Float64Array;
  completeness: Float32Array;
  backfilled: Uint8Array;
  measures: Uint32Array[];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.terminalIndex = new Uint16Array(capacity);
    this.sizeS = new Uint32Array(capacity);
    this.startS = new Uint32Array(capacity);
    this.revision = new Uint16Array(capacity);
    this.version = new Float64Array(capacity);
    this.knownAtMs = new Float64Array(capacity);
    this.completeness = new Float32Array(capacity);
    this.backfilled = new Uint8Array(capacity);
    this.measures = Array.from({ length: MEASURE_COUNT }, () => new Uint32Array(capacity));
  }

  /** Appends an empty row and returns its place; grows when full (a single record may close days of windows). */
  next(): number {
    if (this.count === this.capacity) this.#grow();
    return this.count++;
  }

  /** Copies one window's measures, which begin at `at`, into row `row`. */
  setMeasures(row: number, from: Uint32Array, at: number): void {
    const columns = this.measures;
    for (let i = 0; i < MEASURE_COUNT; i++) (columns[i] as Uint32Array)[row] = from[at + i] as number;
  }

  clear(): void {
    this.count = 0;
  }

  #grow(): void {
    const larger = new RowBatch(this.capacity * 2);
    larger.terminalIndex.set(this.terminalIndex);
    larger.sizeS.set(this.sizeS);
    larger.startS.set(this.startS);
    larger.revision.set(this.revision);
    larger.version.set(this.version);
    larger.knownAtMs.set(this.knownAtMs);
    larger.completeness.set(this.completeness);
    larger.backfilled.set(this.backfilled);
    larger.measures.forEach((column, i) => {
      column.set(this.measures[i] ?? []);
    });
    Object.assign(this, larger, { count: this.count });
  }
}
