/** PagerDuty Events API v2: one event an alert, developer.pagerduty.com, "Send an Alert Event". The alert's id is what it is filed under. */
import { createHash } from 'node:crypto';
import { alertSentence, alertTitle, ZONE } from '@quaywatch/words';
import type { Message, Said } from '../../notification/message.ts';
import { heading } from '../../notification/message.ts';
import { type Common, type Outcome, postJson, type Receiver } from './receiver.ts';

export const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue';
const dedupKeyMax = 255;
const summaryMax = 1024;

function dedupKey(id: string): string {
  if (id.length <= dedupKeyMax) return id;
  return `${id.slice(0, dedupKeyMax - 33)}-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}

function eventOf(said: Said, message: Message, routingKey: string, pageUrl: string) {
  const { alert, severity } = said;
  const action = alert.status === 'resolved' ? 'resolve' : said.isAcknowledgement ? 'acknowledge' : 'trigger';
  const mark = alert.simulated ? '[Simulated] ' : '';
  return {
    routing_key: routingKey,
    event_action: action,
    dedup_key: dedupKey(`quaywatch/${alert.alert_id}`),
    client: 'Quaywatch',
    ...(pageUrl === '' ? {} : { client_url: pageUrl }),
    payload: {
      summary: `${mark}${alertTitle(alert, 'en')}`.slice(0, summaryMax),
      source: alert.terminals.length === 1 ? alert.terminals[0] : alert.port || alert.cluster || 'nation',
      severity,
      timestamp: new Date(alert.since_ms).toISOString(),
      component: alert.level,
      group: alert.port || alert.cluster || 'nation',
      class: alert.kind,
      custom_details: {
        description: alertSentence(alert, message.decidedAtMs, 'en', ZONE),
        simulated: alert.simulated,
        value: alert.value,
        expected: alert.expected,
        deviation_pct: alert.deviation_pct,
        size_teu: alert.size_teu,
        rules_version: alert.rules_version,
        notification: message.id,
      },
    },
  };
}

/** Tests and watchdogs are filed under their receiver: a watchdog stays one alert. */
function plainEvent(message: Message, routingKey: string) {
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: dedupKey(message.reason === 'test' ? message.id : `quaywatch/watchdog/${message.receiver}`),
    client: 'Quaywatch',
    payload: { summary: heading(message, 'en'), source: 'quaywatch', severity: 'info' },
  };
}

export function pagerDutyReceiver(common: Common, routingKey: string): Receiver {
  const { name, url, pageUrl } = common;
  return {
    name,
    type: 'pagerduty',
    target: new URL(url).origin,
    limits: [],
    canMerge: false,
    // A repeat of the whole list after a failure in its middle changes nothing: every event says how its incident stands. One that it will
    // never take does not keep the others from it.
    send: async (message): Promise<Outcome> => {
      const isPlain = message.reason === 'test' || message.reason === 'watchdog';
      const events = isPlain
        ? [plainEvent(message, routingKey)]
        : message.said.map((said) => eventOf(said, message, routingKey, pageUrl));
      let whole: Outcome = { kind: 'delivered', status: null, detail: 'Nothing is left to tell.' };
      for (const event of events) {
        const outcome = await postJson(common, url, event);
        if (outcome.kind === 'failed' && !outcome.isHopeless) return outcome;
        if (whole.kind === 'delivered') whole = outcome;
      }
      return whole;
    },
  };
}
