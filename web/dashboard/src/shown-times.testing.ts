/**
 * Everything that the page's formatting makes of a few moments, as JSON on standard output: `time.test.ts` runs this under several zones
 * and locales of the machine, which must change nothing. The first line says what the machine's own clock reads, to prove that it differs.
 */
import { clock, dayStartMs, isoTime, longDate, moment, shortDate, ZONE, zoneName } from '@quaywatch/words';
import { dateMs, fieldTime, monthLetter, timeLabels, timeOfField, timeSplitsMs } from './time.ts';

const MOMENTS = ['2025-03-30T01:30:00Z', '2025-11-02T05:30:00Z', '2025-06-17T16:00:00Z', '2024-12-31T23:59:59Z'];
const HOUR_MS = 3_600_000;

const shown = [ZONE, 'UTC', 'Europe/Paris', 'America/New_York'].flatMap((zone) =>
  MOMENTS.map((text) => {
    const time = Date.parse(text);
    const axis = timeSplitsMs(time - 11 * HOUR_MS, time + 11 * HOUR_MS, 12, zone);
    return (['en', 'zh'] as const).map((language) => [
      longDate(time, language, zone),
      shortDate(time, language, zone),
      moment(time, time + 30 * HOUR_MS, language, zone),
      monthLetter(time, language, zone),
      clock(time, zone),
      isoTime(time, zone),
      zoneName(time, zone),
      dayStartMs(time, zone),
      fieldTime(time, zone),
      timeOfField(fieldTime(time, zone), zone),
      dateMs('2025-03-30', zone),
      timeLabels(axis, language, zone),
    ]);
  }),
);
const machine = MOMENTS.map((text) => new Date(text).toString());
process.stdout.write(`${JSON.stringify(machine)}\n${JSON.stringify(shown)}\n`);
