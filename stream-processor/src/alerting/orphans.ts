/**
 * Incidents of a detection that is no more: those that a checkpoint of an older version had open. Nobody looks for them under their ids any more,
 * so they are resolved, and not left open for ever. What is still wrong is found again, as another incident.
 */
import { ALERT_KINDS, type AlertTransition } from '@quaywatch/contracts';
import { endBy, type Incident, type Moment, newIncident, type Place } from './incident.ts';
import type { PlaceRules } from './place-rules.ts';

/** `cluster` is there above ports, '' for the nation; `port` is '' then. */
export type Orphan = { readonly port: string; readonly cluster?: string; readonly incident: Incident };

/** Kinds that have told a size in every version. */
const WITH_SIZE: ReadonlySet<string> = new Set(['surge', 'drop', 'stall', 'drift', 'year_on_year']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** An open incident, in the form of any version; undefined: it is none. */
function incidentOf(found: Record<string, unknown>): Incident | undefined {
  const { id, transition, status, sinceMs } = found;
  const kind = ALERT_KINDS.find((one) => one === found['kind']);
  if (typeof id !== 'string' || typeof transition !== 'number' || kind === undefined) return undefined;
  if (status === 'resolved' || typeof sinceMs !== 'number') return undefined;
  const nowhere: Place = { level: 'port', cluster: '', port: '', terminal: '' };
  // What an older version did not know is as in a fresh one.
  return { ...newIncident(nowhere, '', kind, sinceMs, sinceMs), ...found, id, transition };
}

function incidentsIn(value: unknown): Incident[] {
  if (!isRecord(value)) return [];
  const own = incidentOf(value);
  return own === undefined ? Object.values(value).flatMap(incidentsIn) : [own];
}

/** Open incidents by the key of the place that they were kept under. */
function incidentsBy(places: unknown): [place: string, incident: Incident][] {
  if (!isRecord(places)) return [];
  return Object.entries(places).flatMap(([place, state]) =>
    incidentsIn(state).map((incident): [string, Incident] => [place, incident]),
  );
}

/** @param older an older version's state of alerting, whatever its shape: by port, with incidents somewhere in it; orphans that were left too. */
export function orphansOf(older: unknown): Orphan[] {
  if (!isRecord(older)) return [];
  return [...incidentsBy(older['ports']).map(([port, incident]) => ({ port, incident })), ...leftIn(older)];
}

/** @param older an older version's second stage, whatever its shape: `areas` by cluster, the nation under ''. */
export function orphansOfAreas(older: unknown): Orphan[] {
  if (!isRecord(older)) return [];
  const own = incidentsBy(older['areas']).map(([cluster, incident]) => ({ port: '', cluster, incident }));
  return [...own, ...leftIn(older)];
}

/** Those that no window has come for since the upgrade before this one. */
function leftIn(older: Record<string, unknown>): Orphan[] {
  const left: unknown[] = Array.isArray(older['orphans']) ? older['orphans'] : [];
  return left.flatMap((one) => {
    if (!isRecord(one) || typeof one['port'] !== 'string') return [];
    const { port, cluster } = one;
    const at = typeof cluster === 'string' ? { port, cluster } : { port };
    return incidentsIn(one['incident']).map((incident) => ({ ...at, incident }));
  });
}

/** Resolves those of a place with its next window, and forgets them. */
export function endOrphans(
  orphans: Orphan[],
  place: Place,
  moment: Moment,
  rules: PlaceRules,
  out: AlertTransition[],
): void {
  const own = orphans.filter((one) => one.port === place.port && (one.cluster ?? place.cluster) === place.cluster);
  for (const orphan of own) {
    const { incident } = orphan;
    orphans.splice(orphans.indexOf(orphan), 1);
    const isOfOne = place.level === 'port' && incident.terminals.length === 1;
    const at: Place = isOfOne ? { ...place, level: 'terminal' } : place;
    endBy('began_anew', incident, at, moment, rules.kinds[incident.kind], WITH_SIZE.has(incident.kind), out);
  }
}
