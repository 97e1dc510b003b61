/** Wall clocks that are wrong: for processes of Node, without a tool of the system. */

/** A module that Node loads first: the wall clock is so much off, timers and the monotonic clock are not. */
export function clockFlags(shiftMs: string): string[] {
  const source = `const R = Date; const now = R.now.bind(R); const shift = () => (${shiftMs});
    globalThis.Date = class Date extends R { constructor(...a) { if (a.length === 0) super(now() + shift()); else super(...a); } static now() { return now() + shift(); } };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}
