/**
 * Tells when the clock of the machine was set, or the machine slept: the wall's clock and the one that only counts on then go apart. A page
 * that is only busy loses time on both.
 */

/** @returns by how much the wall's clock has gone ahead of the other since the last call, ms; negative: it was set back. */
export function createStepWatch(): () => number {
  const ahead = () => Date.now() - performance.now();
  let before = ahead();
  return () => {
    const step = ahead() - before;
    before += step;
    return step;
  };
}
