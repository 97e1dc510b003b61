/**
 * Instants of iCalendar times: by the file's own zone, else by the zone's IANA name, else UTC+8 (floating times and whole days).
 */
import ICAL from 'ical.js';

const ZONE_MS = 8 * 3_600_000;
/** What calendars of Windows call the zone, should they not bring its definition. */
const ALIASES: Readonly<Record<string, string>> = { 'China Standard Time': 'Asia/Shanghai' };

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError when no such zone is known. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  return format;
}

function offsetMs(zone: string, instantMs: number): number {
  const text = formatOf(zone)
    .formatToParts(instantMs)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text ?? '');
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match ?? [];
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -size : size;
}

const wallMs = (time: ICAL.Time): number =>
  Date.UTC(time.year, time.month - 1, time.day, time.isDate ? 0 : time.hour, time.minute, time.second);

/** `2026-11-20`, by the wall clock of the time's own zone. */
export function wallDateOf(time: ICAL.Time): string {
  return `${time.year}-${time.month}-${time.day}`;
}

/** @param tzid of the property; '' without one. @throws RangeError for a zone that neither the file nor the system knows. */
export function instantOf(time: ICAL.Time, tzid: string): number {
  if (time.isDate) return wallMs(time) - ZONE_MS;
  if (time.zone !== ICAL.Timezone.localTimezone) return time.toUnixTime() * 1000;
  if (tzid === '') return wallMs(time) - ZONE_MS;
  const zone = ALIASES[tzid] ?? tzid;
  const wall = wallMs(time);
  // The offset at the instant itself: the first guess is at most a day off, and then on the right side of a change.
  const guess = wall - offsetMs(zone, wall);
  return wall - offsetMs(zone, guess);
}
