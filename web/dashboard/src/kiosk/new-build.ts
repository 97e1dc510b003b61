/**
 * A wall runs for weeks, the product behind it is replaced: after each reconnection, and while none succeeds, the wall asks which page the
 * gateway has now, and takes a new one at a calm moment. It never leaves the page that it has for one that does not answer.
 */
import type { AlertState } from '@quaywatch/contracts';
import { HOUR_MS, MINUTE_MS } from '@quaywatch/words';
import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { needsAcknowledging } from '../deviation.ts';
import type { Link } from '../wire/connection.ts';

/** A wall where somebody always has to act is loaded anew all the same. */
export const WAIT_MAX_MS = HOUR_MS;
/** A page is taken no more often than this. */
export const TAKEN_EVERY_MS = 10 * MINUTE_MS;
/** While the gateway gives no page, or another one waits for its moment. */
const ASKED_AGAIN_MS = 30_000;
const ASKED_EVERY_ATTEMPTS = 5;

/** Addresses of a page's scripts and styles as they stand in its HTML: a build names them after their content. */
export function filesOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]+)"/g)].map((found) => found[1] ?? '');
}

/** Whether a page begins with files that the one on screen has not. The one on screen has fetched more since. */
function isOther(theirs: readonly string[], own: readonly string[]): boolean {
  return theirs.some((file) => !own.includes(file));
}

/** Whether the new page may be taken: nobody is expected to act on what is shown, or it has waited for long enough. */
function isCalm(urgent: number, waitedMs: number): boolean {
  return urgent === 0 || waitedMs >= WAIT_MAX_MS;
}

type Asked = {
  /** Files of the page that the gateway has; none: it gave no page. */
  readonly theirs: readonly string[];
  readonly own: readonly string[];
  readonly urgent: number;
  readonly waitedMs: number;
  /** Since a page was last taken so; Infinity: never. */
  readonly sinceTakenMs: number;
};

/** What to do after the gateway was asked for its page. Where old and new gateways stand side by side, each answer may name another one. */
export function verdictOf({ theirs, own, urgent, waitedMs, sinceTakenMs }: Asked): 'keep' | 'take' | 'ask again' {
  if (theirs.length === 0) return 'ask again';
  if (!isOther(theirs, own)) return 'keep';
  return sinceTakenMs >= TAKEN_EVERY_MS && isCalm(urgent, waitedMs) ? 'take' : 'ask again';
}

/**
 * What makes the wall ask, once for each: a connection, and every few attempts at one, for a gateway that speaks another version of the
 * protocol lets none open. Null: nothing does.
 */
export function occasionOf(link: Link): string | null {
  if (link.kind === 'open') return 'open';
  if (link.kind !== 'waiting' || link.attempt < ASKED_EVERY_ATTEMPTS) return null;
  return `attempts ${Math.floor(link.attempt / ASKED_EVERY_ATTEMPTS)}`;
}

const TAKEN_KEY = 'quaywatch.page-taken';

function sinceTakenMs(): number {
  try {
    const takenMs = sessionStorage.getItem(TAKEN_KEY);
    // However the wall's clock was set since.
    return takenMs === null ? Number.POSITIVE_INFINITY : Math.abs(Date.now() - Number(takenMs));
  } catch {
    // Without storage the page cannot know why it was loaded: then its own age counts.
    return performance.now();
  }
}

function take(): void {
  try {
    sessionStorage.setItem(TAKEN_KEY, String(Date.now()));
  } catch {
    // As above.
  }
  location.reload();
}

async function filesOfGateway(): Promise<string[]> {
  try {
    const answer = await fetch('./', { cache: 'no-store' });
    return answer.ok ? filesOf(await answer.text()) : [];
  } catch {
    // Gone again: it is asked anew.
    return [];
  }
}

export function useNewBuild(alerts: readonly AlertState[]): void {
  const { connection, nowMs } = usePage();
  const urgent = useRef(0);
  urgent.current = alerts.filter((alert) => needsAcknowledging(alert, nowMs.value)).length;
  /** Since when the gateway has another page, ms of `performance.now()`; null: it has this one. */
  const otherSinceMs = useRef<number | null>(null);
  const occasion = occasionOf(connection.link.value);
  useEffect(() => {
    if (occasion === null) return;
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const theirs = await filesOfGateway();
      if (!isWanted) return;
      const own = filesOf(document.head.innerHTML);
      if (isOther(theirs, own)) otherSinceMs.current ??= performance.now();
      const waitedMs = performance.now() - (otherSinceMs.current ?? performance.now());
      const verdict = verdictOf({ theirs, own, urgent: urgent.current, waitedMs, sinceTakenMs: sinceTakenMs() });
      if (verdict === 'take') take();
      else if (verdict === 'keep') otherSinceMs.current = null;
      else timer = setTimeout(ask, ASKED_AGAIN_MS);
    };
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [occasion]);
}
