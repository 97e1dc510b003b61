/** What is read aloud: a new octagon at once, and a summary every minute when the reader wants it. Ticking figures are never in here. */

import { useSignal } from '@preact/signals';
import { alertTitle, deviationPercent, signedPercentUnit, whole } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';

import { usePage } from '../context.tsx';
import { byUrgency, needsAcknowledging } from '../deviation.ts';

import { isSpoken, language, words } from '../settings.ts';

const EVERY_MS = 60_000;

export function Spoken() {
  const { live, nowMs } = usePage();
  const summary = useSignal('');
  const urgent = byUrgency(live.alerts.value.values()).find((alert) => needsAcknowledging(alert, nowMs.peek()));
  useEffect(() => {
    if (!isSpoken.value) return;
    const speak = () => {
      const nation = live.nation.peek();
      if (nation === null) return;
      const open = byUrgency(live.alerts.peek().values()).filter((alert) => alert.status !== 'pending').length;
      summary.value = words
        .peek()
        .summary(whole(nation.rate), signedPercentUnit(deviationPercent(nation.rate, nation.expected)), String(open));
    };
    speak();
    const timer = setInterval(speak, EVERY_MS);
    return () => {
      clearInterval(timer);
      summary.value = '';
    };
  }, [isSpoken.value, live, summary]);
  return (
    <div class="sr">
      <div role="status">{summary.value}</div>
      <div role="alert">{urgent === undefined ? '' : alertTitle(urgent, language.value)}</div>
    </div>
  );
}
