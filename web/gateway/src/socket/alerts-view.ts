/**
 * Channel `alerts`: an event channel. Frames carry every transition, action and notification record in order, never conflated; a snapshot
 * every open incident and the newest closed ones, the silences in force, the rules and the newest notifications. An alert that somebody
 * acted on comes as its whole state beside the action.
 */
import type { Action, AlertState, AlertTransition, NotificationRecord, RuleSet } from '@quaywatch/contracts';
import {
  type AlertLog,
  actedAfter,
  actionsAfter,
  alertsOf,
  silencesInForce,
  transitionsAfter,
} from '../state/alert-log.ts';
import { type NotificationLog, newestNotifications, notificationsAfter } from '../state/notification-log.ts';
import { currentAndUpcoming, type RulesLog } from '../state/rules-log.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { View } from './view.ts';

/** Closed alerts of a snapshot. */
const closedInSnapshotMax = 100;
const notificationsInSnapshotMax = 200;
/** A cursor further ahead than this is of another log, not of a faster gateway. */
const aheadMax = 1_000;

/** What is said and done about live's alerts; a played run has none of it. */
export type Desk = {
  readonly rules: RulesLog;
  readonly notifications: NotificationLog;
  /** Wall clock, in which silences are told. */
  readonly nowMs: () => number;
};

type Body = {
  readonly transitions?: readonly AlertTransition[];
  readonly alerts?: readonly AlertState[];
  readonly actions?: readonly Action[];
  readonly rules?: readonly RuleSet[];
  readonly notifications?: readonly NotificationRecord[];
};

const members = (body: Body): string =>
  Object.entries(body)
    .flatMap(([name, items]) => (items.length === 0 ? [] : [`"${name}":${JSON.stringify(items)}`]))
    .join(',');

export function alertsView(log: AlertLog, desk: Desk | undefined, times: Pick<View, 'asOfMs' | 'watermarkMs'>): View {
  const positions = () => [
    log.alertsPosition,
    log.actionsPosition,
    desk?.rules.position ?? 0,
    desk?.notifications.position ?? 0,
  ];
  const oldest = () => [log.oldestPosition, log.oldestActionsPosition, 0, desk?.notifications.oldestPosition ?? 0];
  const rules = () => (desk === undefined ? [] : currentAndUpcoming(desk.rules, times.asOfMs()));
  return {
    canResume: (text) => {
      const [ends, starts] = [positions(), oldest()];
      const cursor = decodeCursor(text, ends.length);
      return (
        cursor?.every((position, i) => position >= (starts[i] ?? 0) && position <= (ends[i] ?? 0) + aheadMax) === true
      );
    },
    cursor: () => encodeCursor(positions()),
    asOfMs: times.asOfMs,
    watermarkMs: times.watermarkMs,
    snapshot: () =>
      members({
        alerts: alertsOf(log, closedInSnapshotMax),
        actions: desk === undefined ? [] : silencesInForce(log, desk.nowMs()),
        rules: rules(),
        notifications: desk === undefined ? [] : newestNotifications(desk.notifications, notificationsInSnapshotMax),
      }),
    since: (text) => {
      const [alertsAt, actionsAt, rulesAt, notificationsAt] = decodeCursor(text, positions().length) ?? [];
      if (alertsAt === undefined || actionsAt === undefined) return undefined;
      const transitions = transitionsAfter(log, alertsAt);
      const actions = actionsAfter(log, actionsAt);
      const notifications = desk === undefined ? [] : notificationsAfter(desk.notifications, notificationsAt ?? 0);
      if (transitions === undefined || actions === undefined || notifications === undefined) return undefined;
      const hasNewRules = desk !== undefined && desk.rules.changedAt > (rulesAt ?? 0);
      return members({
        transitions,
        alerts: actedAfter(log, actionsAt, transitions),
        actions,
        rules: hasNewRules ? rules() : [],
        notifications,
      });
    },
    token: () => '',
  };
}
