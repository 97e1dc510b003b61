/** What a fault is: how it is injected, what is promised, and the line of the table that it ends as. Injects nothing itself. */
import type { Bench } from './bench.ts';

export type Fault = {
  /** As `npm run faults -- NAME` has it. */
  readonly name: string;
  /** Of the catalogue in docs/reliability.md. */
  readonly catalogue: string;
  readonly how: string;
  readonly promised: string;
  /** @returns what was seen, in a few words. @throws when a promise is broken; CannotInject when this machine cannot do it. */
  readonly run: (bench: Bench) => Promise<string>;
};

/** The machine lacks what the fault needs: said in the table, and no failure. */
export class CannotInject extends Error {
  readonly code = 'cannot_inject';
}

/** A promise that was broken. */
export class Broken extends Error {
  readonly code = 'broken';
}

/** @throws Broken. */
export function promise(isKept: boolean, otherwise: string): void {
  if (!isKept) throw new Broken(otherwise);
}

export type Line = {
  readonly fault: Fault;
  readonly verdict: 'kept' | 'skipped' | 'BROKEN';
  readonly seen: string;
  readonly seconds: number;
};

export async function inject(fault: Fault, bench: Bench): Promise<Line> {
  const startedMs = performance.now();
  const line = (verdict: Line['verdict'], seen: string): Line => ({
    fault,
    verdict,
    seen,
    seconds: (performance.now() - startedMs) / 1000,
  });
  try {
    return line('kept', await fault.run(bench));
  } catch (error) {
    if (error instanceof CannotInject) return line('skipped', error.message);
    // A broken promise explains itself; of anything else the place is wanted.
    const why = error instanceof Broken ? error.message : error instanceof Error ? error.stack : undefined;
    return line('BROKEN', why ?? String(error));
  }
}

/** Of Markdown, so that it can be kept. */
export function tableOf(lines: readonly Line[]): string {
  const cell = (text: string) =>
    text
      .replaceAll('|', '/')
      .replaceAll(/\s*\n\s*/g, '; ')
      .slice(0, 900);
  const rows = lines.map(({ fault, verdict, seen, seconds }) =>
    [fault.name, fault.catalogue, fault.how, fault.promised, `${verdict}: ${cell(seen)}`, seconds.toFixed(0)].join(
      ' | ',
    ),
  );
  const head = ['fault | catalogue | how | promised | seen | s', '--- | --- | --- | --- | --- | ---'];
  return [...head, ...rows].map((row) => `| ${row} |\n`).join('');
}
