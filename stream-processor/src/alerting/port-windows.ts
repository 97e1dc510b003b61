/**
 * What the second stage reads: closed 5-minute windows of whole ports, kept until the slowest partition has closed them. The same figures
 * come out of the core as it runs and out of storage, so that a resumed run decides what an undisturbed one decides.
 */
import { PORTS } from '@quaywatch/contracts';

export const windowMs = 300_000;
const windowsPerBlock = 288;
const ports = PORTS.length;

/** A port's 5-minute window as it was when it closed (revision 0). */
export type PortWindow = {
  portIndex: number;
  endMs: number;
  /** TEU hundredths and moves of the terminals that had a feed. */
  teu: number;
  moves: number;
  /** TEU hundredths that the baseline expects of these terminals, weighed by the share of the window that their feeds covered; 0 beyond the baseline. */
  baseline: number;
  /** Log time at which the last of its terminals' windows closed. */
  knownAtMs: number;
};

/** One terminal's part in it. TEU in hundredths; `completeness` is the share of the window that a feed covered, 0..1. */
export type TerminalPart = { teu: number; moves: number; completeness: number; baseline: number };

/** Adds up terminals in the order of the port table, so that sums of fractions come out alike wherever they are made. */
export function portWindowOf(
  portIndex: number,
  endMs: number,
  knownAtMs: number,
  parts: readonly TerminalPart[],
): PortWindow {
  const window = { portIndex, endMs, teu: 0, moves: 0, baseline: 0, knownAtMs };
  for (const part of parts) {
    // Storage keeps completeness with this precision.
    const covered = Math.fround(part.completeness);
    if (covered === 0) continue;
    window.teu += part.teu;
    window.moves += part.moves;
    window.baseline += part.baseline * covered;
  }
  return window;
}

/** False when no feed covered any of it: then there is no window of the port. */
export function isCovered(parts: readonly TerminalPart[]): boolean {
  return parts.some((part) => Math.fround(part.completeness) > 0);
}

type Block = { readonly values: Float64Array; readonly has: Uint8Array };
const fields = 4;

function newBlock(): Block {
  return { values: new Float64Array(windowsPerBlock * ports * fields), has: new Uint8Array(windowsPerBlock * ports) };
}

/** Windows by day, dropped as they are taken. Memory: about 0.5 MB a day that the fastest partition is ahead of the slowest. */
export class PortWindows {
  readonly #blocks = new Map<number, Block>();

  put(window: PortWindow): void {
    const number = window.endMs / windowMs;
    const key = Math.floor(number / windowsPerBlock);
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = newBlock();
      this.#blocks.set(key, block);
    }
    const place = (number % windowsPerBlock) * ports + window.portIndex;
    block.has[place] = 1;
    block.values.set([window.teu, window.moves, window.baseline, window.knownAtMs], place * fields);
  }

  /** The ports' windows that end at `endMs`, in the order of the port table; ports without data are left out. */
  at(endMs: number): PortWindow[] {
    const number = endMs / windowMs;
    const block = this.#blocks.get(Math.floor(number / windowsPerBlock));
    if (block === undefined) return [];
    const found: PortWindow[] = [];
    for (let portIndex = 0; portIndex < ports; portIndex++) {
      const place = (number % windowsPerBlock) * ports + portIndex;
      if (block.has[place] !== 1) continue;
      const at = place * fields;
      const { values } = block;
      found.push({
        portIndex,
        endMs,
        teu: values[at] ?? 0,
        moves: values[at + 1] ?? 0,
        baseline: values[at + 2] ?? 0,
        knownAtMs: values[at + 3] ?? 0,
      });
    }
    return found;
  }

  /** Drops whole days that end at or before `endMs`. */
  dropThrough(endMs: number): void {
    for (const key of this.#blocks.keys())
      if ((key + 1) * windowsPerBlock * windowMs <= endMs) this.#blocks.delete(key);
  }
}
