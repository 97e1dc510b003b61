/** Which receivers a route tree names for an alert, and the group that the alert is told with. Alertmanager's rules; tells nobody. */
import { type AlertTransition, MATCHER_NAMES, matches, type Route } from '@quaywatch/contracts';

/** A route with the receiver that it names or inherits. */
export type Target = { readonly receiver: string; readonly route: Route };

/** The value of a field that groups and inhibitions compare; terminals are one value together. */
export function fieldOf(alert: AlertTransition, name: string): string {
  const known = MATCHER_NAMES.find((one) => one === name);
  if (known === undefined) return '';
  return known === 'terminal' ? [...alert.terminals].sort().join(',') : alert[known];
}

export function groupOf(route: Route, alert: AlertTransition): Record<string, string> {
  return Object.fromEntries(route.group_by.map((name) => [name, fieldOf(alert, name)]));
}

/** Depth first: the deepest routes that match, the first sibling unless it says `continue`; a route without a matching child is one itself. */
function walk(route: Route, inherited: string, alert: AlertTransition, out: Target[]): void {
  const receiver = route.receiver === '' ? inherited : route.receiver;
  let isTaken = false;
  for (const child of route.routes) {
    if (!child.matchers.every((matcher) => matches(matcher, alert))) continue;
    walk(child, receiver, alert, out);
    isTaken = true;
    if (!child.continue) break;
  }
  if (!isTaken) out.push({ receiver, route });
}

/** The root takes every alert. A receiver that several routes lead to is told once, by the first. */
export function targetsOf(root: Route, alert: AlertTransition): Target[] {
  const all: Target[] = [];
  walk(root, '', alert, all);
  const seen = new Set<string>();
  return all.filter(({ receiver }) => receiver !== '' && !seen.has(receiver) && seen.add(receiver));
}
