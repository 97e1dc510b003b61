/** A real Alertmanager, `POST /api/v2/alerts`: it takes alerts as given, and forgets those that it is not told again before their end. */
import type { Message } from '../../notification/message.ts';
import { type PostableAlert, postableAlerts } from './labels.ts';
import { type Common, type Outcome, postJson, type Receiver } from './receiver.ts';

/** Well inside the five minutes after which it would take an alert for resolved: two may fail. */
const keepAliveMs = 100_000;

/** A test and a watchdog are alerts there too, of their own name. */
function plainAlerts(message: Message, nowMs: number): PostableAlert[] {
  if (message.reason !== 'test' && message.reason !== 'watchdog') return [];
  const isWatchdog = message.reason === 'watchdog';
  return [
    {
      labels: { alertname: isWatchdog ? 'Watchdog' : 'QuaywatchTest', severity: 'info', source: 'quaywatch' },
      annotations: { summary: isWatchdog ? 'Quaywatch is alive.' : 'Test notification from Quaywatch.' },
      startsAt: new Date(message.decidedAtMs).toISOString(),
      endsAt: new Date(nowMs + 300_000).toISOString(),
    },
  ];
}

export function alertmanagerReceiver(common: Common, token: string | undefined): Receiver {
  const { name, url, pageUrl } = common;
  const address = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  const send = async (message: Message, nowMs: number): Promise<Outcome> => {
    const alerts = [...postableAlerts(message, nowMs, pageUrl), ...plainAlerts(message, nowMs)];
    if (alerts.length === 0) return { kind: 'delivered', status: null, detail: 'Nothing is left to tell.' };
    return postJson(common, address, alerts, token === undefined ? {} : { authorization: `Bearer ${token}` });
  };
  return {
    name,
    type: 'alertmanager',
    target: new URL(url).origin,
    limits: [],
    canMerge: false,
    send,
    keepAlive: { everyMs: keepAliveMs, send },
  };
}
