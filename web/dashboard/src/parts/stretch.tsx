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
      {time(fromMs)} – {time(toMs)}, {zoneNameOver(fromMs, toMs, zone)}
    </p>
  );
}

/** Counting days that are typed, on the clocks that are shown, where those are others than the days'. */
export function DaysElsewhere({ from, to }: { from: string; to: string }) {
  const [fromMs, toMs] = [dateMs(from, ZONE), dateMs(to, ZONE)];
  if (shownZone.value === ZONE || fromMs === undefined || toMs === undefined || fromMs >= toMs) return null;
  return <Stretch fromMs={fromMs} toMs={toMs} />;
}
