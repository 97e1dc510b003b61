/**
 * A wall runs for weeks, the product behind it is replaced: after each reconnection the wall asks which page the gateway has now, and takes
 * a new one at a calm moment. It never leaves the page that it has for one that does not answer.
 */
import { useSignal } from '@preact/signals';
import type { AlertState } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { needsAcknowledging } from '../deviation.ts';

/** A wall where somebody always has to act is loaded anew all the same. */
export const WAIT_MAX_MS = HOUR_MS;

/** Addresses of a page's scripts and styles as they stand in its HTML: a build names them after their content. */
export function filesOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]+)"/g)].map((found) => found[1] ?? '');
}

/** Whether a page begins with files that the one on screen has not. The one on screen has fetched more since. */
export function isOther(theirs: readonly string[], own: readonly string[]): boolean {
  return theirs.some((file) => !own.includes(file));
}

/** Whether the new page may be taken: nobody is expected to act on what is shown, or it has waited for long enough. */
export function isCalm(urgent: number, waitedMs: number): boolean {
  return urgent === 0 || waitedMs >= WAIT_MAX_MS;
}

async function filesOfGateway(): Promise<string[]> {
  try {
    const answer = await fetch('./', { cache: 'no-store' });
    return answer.ok ? filesOf(await answer.text()) : [];
  } catch {
    // Gone again: the next reconnection asks anew.
    return [];
  }
}

export function useNewBuild(alerts: readonly AlertState[]): void {
  const { connection, nowMs } = usePage();
  /** Wall time since which the gateway has another page; null: it has this one. */
  const sinceMs = useSignal<number | null>(null);
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen) return;
    void filesOfGateway().then((theirs) => {
      const isNew = isOther(theirs, filesOf(document.head.innerHTML));
      sinceMs.value = isNew ? (sinceMs.peek() ?? nowMs.peek()) : null;
    });
  }, [isOpen]);
  const urgent = alerts.filter((alert) => needsAcknowledging(alert, nowMs.value)).length;
  const isDue = isOpen && sinceMs.value !== null && isCalm(urgent, nowMs.value - sinceMs.value);
  useEffect(() => {
    if (isDue) location.reload();
  }, [isDue]);
}
