/** CloudEvents 1.0 over HTTP in structured mode, one event a notification: cloudevents.io, "HTTP Protocol Binding", §3.2. */
import type { Message } from '../../notification/message.ts';
import { heading } from '../../notification/message.ts';
import { type Common, postJson, type Receiver, signatureHeaders } from './receiver.ts';

function cloudEvent(message: Message) {
  return {
    specversion: '1.0',
    id: message.id,
    source: 'urn:quaywatch:notifier',
    type: `quaywatch.notification.${message.reason}.v1`,
    time: new Date(message.decidedAtMs).toISOString(),
    subject: message.said.length === 1 ? message.said[0]?.alert.alert_id : message.receiver,
    datacontenttype: 'application/json',
    data: {
      reason: message.reason,
      receiver: message.receiver,
      title: heading(message, 'en'),
      title_zh: heading(message, 'zh'),
      simulated: message.isSimulated,
      group: message.group,
      alerts: message.said.map((one) => one.alert),
    },
  };
}

export function cloudEventsReceiver(common: Common, secret: string | undefined): Receiver {
  return {
    name: common.name,
    type: 'cloudevents',
    target: new URL(common.url).origin,
    limits: [],
    canMerge: false,
    send: (message, nowMs) => {
      const body = JSON.stringify(cloudEvent(message));
      return postJson(common, common.url, body, {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        ...signatureHeaders(secret, body, nowMs),
      });
    },
  };
}
