/**
 * The zone in which moments are shown: the counting day's (UTC+8), UTC, or that of the port in view. A link may carry it.
 * Which day a move counts in is not decided here: that is a UTC+8 day in every zone.
 */
import { computed } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import { ZONE } from '@quaywatch/words';
import { linkedZone, parseRoute, rewrite, route, withZone } from './route.ts';
import { type ZoneChoice, zoneChoice } from './settings.ts';

const ZONE_OF_PORT: ReadonlyMap<string, string> = new Map(PORTS.map(({ code, zone }) => [code, zone]));

/** What holds now: what the link asks for, else what the reader has chosen. */
export const shownChoice = computed<ZoneChoice>(() => linkedZone.value ?? zoneChoice.value);

export function zoneBy(choice: ZoneChoice, port: string): string {
  if (choice === 'utc') return 'UTC';
  return choice === 'port' ? (ZONE_OF_PORT.get(port) ?? ZONE) : ZONE;
}

/** IANA zone for moments of a port, e.g. in its row of a list; '' stands for the nation, whose own zone is the counting day's. */
export function zoneFor(port: string): string {
  return zoneBy(shownChoice.value, port);
}

/** IANA zone for moments of the whole view: that of the port in view, where there is one. */
export const shownZone = computed(() => {
  const { view, id, query } = route.value;
  return zoneFor(view === 'port' ? id : view === 'measures' ? (query.get('port') ?? '') : '');
});

/** Behind figures of a day while another zone is shown than the one in which days are counted. */
export const dayNote = computed(() => (shownZone.value === ZONE ? '' : ' (UTC+8)'));

/** Zone of windows: those of days are counting days, named by their UTC+8 date whichever zone is shown. */
export function zoneOfWindows(sizeS: number, shown: string): string {
  return sizeS >= 86_400 ? ZONE : shown;
}

/** The reader's choice ends what a link has asked for. */
export function chooseZone(choice: ZoneChoice): void {
  zoneChoice.value = choice;
  if (linkedZone.peek() === null) return;
  linkedZone.value = null;
  rewrite(withZone(location.hash, null));
  route.value = parseRoute(location.hash);
}
