/** Where the reader is, as the address says it after `#`. The address is the one truth, so that a link opens the same view. */
import { signal } from '@preact/signals';
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

export function startRouting(): void {
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
    linkedZone.value = zoneIn(route.value) ?? linkedZone.value;
  });
}
