/** Where the reader is, as the address says it after `#`. The address is the one truth, so that a link opens the same view. */
import { batch, signal } from '@preact/signals';
import { ZONE_CHOICES, type ZoneChoice } from './settings.ts';

export type View = 'overview' | 'map' | 'port' | 'measures' | 'alerts' | 'rules' | 'replay';
export type Route = { readonly view: View; readonly id: string; readonly query: URLSearchParams };

const VIEWS: readonly View[] = ['overview', 'map', 'port', 'measures', 'alerts', 'rules', 'replay'];

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', ...rest] = path.split('/');
  const view = VIEWS.find((candidate) => candidate === first) ?? 'overview';
  let id = '';
  try {
    id = decodeURIComponent(rest.join('/'));
  } catch {
    // A broken address opens the view without its object.
  }
  return { view, id, query: new URLSearchParams(query) };
}

export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ''));

const zoneIn = ({ query }: Route): ZoneChoice | null =>
  ZONE_CHOICES.find((choice) => choice === query.get('zone')) ?? null;

/** The zone that the link asked for which opened the page; it stays in every address until the reader chooses another. */
export const linkedZone = signal<ZoneChoice | null>(zoneIn(route.peek()));

export function hrefOf(view: View, id = '', query: Readonly<Record<string, string>> = {}): string {
  const path = `#/${view}${id === '' ? '' : `/${encodeURIComponent(id)}`}`;
  const zone = linkedZone.value;
  const all = zone === null ? query : { ...query, zone };
  return Object.keys(all).length === 0 ? path : `${path}?${new URLSearchParams(all)}`;
}

export function go(view: View, id = '', query: Readonly<Record<string, string>> = {}): void {
  location.hash = hrefOf(view, id, query);
}

/** How often the reader has come to an address, by a link, by Back or by typing; what the page writes into it itself is not counted. */
export const arrivals = signal(0);

/** An address with another zone, or with none. */
export function withZone(hash: string, zone: ZoneChoice | null): string {
  const [path = '', text = ''] = hash.split('?');
  const query = new URLSearchParams(text);
  if (query.get('zone') === zone) return hash;
  if (zone === null) query.delete('zone');
  else query.set('zone', zone);
  // The bare address is the overview's.
  return query.size === 0 ? path : `${path === '' ? '#/overview' : path}?${query}`;
}

/**
 * What holds at an entry of the history. A link asks for its zone once, when the reader follows it; Back to it brings its view, and the zone
 * stays what it has been since.
 */
export function arrivedAt(hash: string, isSeen: boolean, linked: ZoneChoice | null) {
  const zone = isSeen ? linked : (zoneIn(parseRoute(hash)) ?? linked);
  return { hash: withZone(hash, zone), zone };
}

/** Writes an address in the place of the present one. An entry that has a state has been seen. */
export const rewrite = (hash: string): void => history.replaceState({ isSeen: true }, '', hash);

export function startRouting(): void {
  rewrite(location.hash);
  addEventListener('hashchange', () => {
    const { hash, zone } = arrivedAt(location.hash, history.state !== null, linkedZone.peek());
    rewrite(hash);
    batch(() => {
      linkedZone.value = zone;
      route.value = parseRoute(hash);
      arrivals.value += 1;
    });
  });
}
