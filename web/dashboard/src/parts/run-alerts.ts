/** Every alert of the played run inside its stretch, in order: for the marks on the scrubber and "next alert". */
import { signal } from '@preact/signals';
import type { AlertState } from '@quaywatch/contracts';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { api } from '../wire/api.ts';

const loaded = signal<{ run: string; alerts: readonly AlertState[] }>({ run: '', alerts: [] });

/** Pages of 2,000 that are read of one run, newest first; its older alerts have no mark. */
const pagesMax = 10;

/** Undefined when the gateway does not answer. */
async function everyAlertOf(run: string): Promise<AlertState[] | undefined> {
  const alerts: AlertState[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await api.alerts(run, 'all', cursor);
    if (!answer.ok) return undefined;
    alerts.push(...answer.value.alerts);
    if (answer.value.next_cursor === null) break;
    cursor = answer.value.next_cursor;
  }
  return alerts.sort((a, b) => a.since_ms - b.since_ms);
}

export function useRunAlerts(): readonly AlertState[] {
  const { player } = usePage();
  const request = player.request.value;
  const run = request?.run ?? '';
  useEffect(() => {
    // A finished run has no more; live has new ones each time it is played.
    if (run === '' || (run !== 'live' && loaded.peek().run === run)) return;
    let isWanted = true;
    void everyAlertOf(run).then((alerts) => {
      if (alerts !== undefined && isWanted) loaded.value = { run, alerts };
    });
    return () => {
      isWanted = false;
    };
  }, [run, request]);
  if (request === null || loaded.value.run !== run) return [];
  return loaded.value.alerts.filter(
    (alert) => alert.since_ms >= request.fromMs && alert.since_ms <= request.toMs && alert.status !== 'pending',
  );
}
