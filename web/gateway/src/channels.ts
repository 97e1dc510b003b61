/**
 * Names of channels → views: the live ones here, played ones from the players.
 * A view is made once and shared by everybody who subscribes.
 */
import type { Channel } from '@quaywatch/contracts';
import { alertsView, type Desk } from './socket/alerts-view.ts';
import { type Health, type LogStart, overviewView, portView, statusView, type View } from './socket/view.ts';
import type { AlertLog } from './state/alert-log.ts';
import type { LiveState } from './state/live-state.ts';
import { PORT_BY_CANONICAL_CODE } from './state/places.ts';

export type ChannelSource = {
  readonly state: LiveState;
  readonly alerts: AlertLog;
  readonly start: LogStart;
  readonly health: () => Health;
  /** Hours that `overview` has, ms back. */
  readonly hoursMs?: number;
  /** Of live alone. */
  readonly desk?: Desk;
};

/** Views of one run's channels by their names without prefix; undefined: there is no such channel. At most one a port and three more. */
export function createViews(source: ChannelSource): (channel: Channel) => View | undefined {
  const overview = overviewView(source.state, source.start, source.hoursMs);
  const status = statusView(source.state, source.start, source.health);
  const alerts = alertsView(source.alerts, source.desk, overview);
  const ports = new Map<string, View>();
  return (channel) => {
    if (channel === 'overview') return overview;
    if (channel === 'status') return status;
    if (channel === 'alerts') return alerts;
    const port = channel.startsWith('port:') ? PORT_BY_CANONICAL_CODE.get(channel.slice('port:'.length)) : undefined;
    if (port === undefined) return undefined;
    const view = ports.get(port.code) ?? portView(source.state, source.start, port.index);
    ports.set(port.code, view);
    return view;
  };
}
