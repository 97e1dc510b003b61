/** Every alert of the played run inside its stretch, in order: for the marks on the scrubber and "next alert". */
import { signal } from '@preact/signals';
import type { AlertState } from '@quaywatch/contracts';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { api } from '../wire/api.ts';

const loaded = signal<{ run: string; alerts: readonly AlertState[] }>({ run: '', alerts: [] });

export function useRunAlerts(): readonly AlertState[] {
  const { player } = usePage();
  const request = player.request.value;
  const run = request?.run ?? '';
  useEffect(() => {
    if (run === '' || loaded.peek().run === run) return;
    void api.alerts(run, 'all').then((answer) => {
      if (answer.ok) loaded.value = { run, alerts: [...answer.value.alerts].sort((a, b) => a.since_ms - b.since_ms) };
    });
  }, [run]);
  if (request === null || loaded.value.run !== run) return [];
  return loaded.value.alerts.filter(
    (alert) => alert.since_ms >= request.fromMs && alert.since_ms <= request.toMs && alert.status !== 'pending',
  );
}
