/**
 * One commit an animation frame: what the socket brings in between is applied together, so that it is laid out and painted once.
 * Order is kept. A page that nobody sees gets no frames and must not fall behind: then, and when a frame is long in coming, a timer commits.
 */
type Schedule = {
  readonly onFrame: (run: () => void) => void;
  readonly after: (run: () => void, ms: number) => void;
};

const browser: Schedule = {
  onFrame: (run) => requestAnimationFrame(run),
  after: (run, ms) => setTimeout(run, ms),
};

/** A frame that has not come by then is not waited for. */
const waitMaxMs = 100;

/** @param apply gets every item once, oldest first, all that have gathered in one call. */
export function createCommits<T>(
  apply: (items: readonly T[]) => void,
  schedule: Schedule = browser,
): (item: T) => void {
  let gathered: T[] = [];
  const commit = () => {
    if (gathered.length === 0) return;
    const items = gathered;
    gathered = [];
    apply(items);
  };
  return (item) => {
    gathered.push(item);
    if (gathered.length > 1) return;
    schedule.onFrame(commit);
    schedule.after(commit, waitMaxMs);
  };
}
