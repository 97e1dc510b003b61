/**
 * Channel `alerts`: an event channel. Frames carry every transition in order, never conflated; a snapshot every open incident and the
 * newest closed ones. What people did comes as the alert's whole state.
 */
import { type AlertLog, actedAfter, alertsOf, transitionsAfter } from '../state/alert-log.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { View } from './view.ts';

/** Closed alerts of a snapshot. */
export const closedInSnapshotMax = 100;

export function alertsView(log: AlertLog, times: Pick<View, 'asOfMs' | 'watermarkMs'>): View {
  return {
    canResume: (text) => {
      const [alerts] = decodeCursor(text, 2) ?? [];
      return alerts !== undefined && alerts >= log.oldestPosition && alerts <= log.alertsPosition + 1_000;
    },
    cursor: () => encodeCursor([log.alertsPosition, log.actionsPosition]),
    asOfMs: times.asOfMs,
    watermarkMs: times.watermarkMs,
    snapshot: () => `"alerts":${JSON.stringify(alertsOf(log, closedInSnapshotMax))}`,
    since: (text) => {
      const [alerts, actions] = decodeCursor(text, 2) ?? [];
      if (alerts === undefined || actions === undefined) return undefined;
      const transitions = transitionsAfter(log, alerts);
      if (transitions === undefined) return undefined;
      const acted = actedAfter(log, actions);
      return [
        ...(transitions.length === 0 ? [] : [`"transitions":${JSON.stringify(transitions)}`]),
        ...(acted.length === 0 ? [] : [`"alerts":${JSON.stringify(acted)}`]),
      ].join(',');
    },
    token: () => '',
  };
}
