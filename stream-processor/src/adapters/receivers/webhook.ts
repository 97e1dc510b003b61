/** Webhook in Alertmanager's form, version 4: prometheus.io/docs/alerting/latest/configuration, "webhook_config". */
import { heading, type Message } from '../../notification/message.ts';
import { commonOf, webhookAlerts } from './labels.ts';
import { type Common, postJson, type Receiver, signatureHeaders } from './receiver.ts';

export function webhookBody(message: Message, receiver: string, pageUrl: string) {
  const alerts = webhookAlerts(message, pageUrl);
  const group = Object.entries(message.group)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ');
  return {
    version: '4',
    groupKey: `{}:{${group}}`,
    truncatedAlerts: 0,
    status: alerts.length === 0 || alerts.some((one) => one.status === 'firing') ? 'firing' : 'resolved',
    receiver,
    groupLabels: message.group,
    commonLabels: commonOf(alerts.map((one) => one.labels)),
    commonAnnotations: commonOf(alerts.map((one) => one.annotations)),
    externalURL: pageUrl,
    alerts,
    // Beyond version 4: which delivery this is, and why.
    id: message.id,
    reason: message.reason,
    title: heading(message, 'en'),
    simulated: message.isSimulated,
  };
}

export function webhookReceiver(common: Common, secret: string | undefined): Receiver {
  const { name, url, pageUrl } = common;
  return {
    name,
    type: 'webhook',
    target: new URL(url).origin,
    limits: [],
    canMerge: false,
    send: (message, nowMs) => {
      const body = JSON.stringify(webhookBody(message, name, pageUrl));
      return postJson(common, url, body, {
        'idempotency-key': encodeURIComponent(message.id.toWellFormed()),
        ...signatureHeaders(secret, body, nowMs),
      });
    },
  };
}
