/** A stretch of time in full, on the clocks that are shown and with their zone. */
import { hourMinute, longDate, ZONE, zoneNameOver } from '@quaywatch/words';
import { language } from '../settings.ts';
import { dateMs } from '../time.ts';
import { shownZone } from '../zone.ts';

export function Stretch({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  const zone = shownZone.value;
  const time = (timeMs: number) => `${longDate(timeMs, language.value, zone)} ${hourMinute(timeMs, zone)}`;
  return (
    <p class="lab stretch">
      {time(fromMs)} – {time(toMs)}
      {language.value === 'zh' ? '，' : ', '}
      {zoneNameOver(fromMs, toMs, zone)}
    </p>
  );
}

/** Counting days that are typed, on the clocks that are shown: a browser writes its date fields in the order of its own language. */
export function TypedDays({ from, to }: { from: string; to: string }) {
  const [fromMs, toMs] = [dateMs(from, ZONE), dateMs(to, ZONE)];
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return null;
  return <Stretch fromMs={fromMs} toMs={toMs} />;
}
