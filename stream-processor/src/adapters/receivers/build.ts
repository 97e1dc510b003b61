/** Receivers out of their settings. Connects to nothing. */
import { alertmanagerReceiver } from './alertmanager.ts';
import { cloudEventsReceiver } from './cloudevents.ts';
import { dingTalkReceiver, dingTalkUrl } from './dingtalk.ts';
import { emailReceiver } from './email.ts';
import { feishuReceiver, feishuUrl } from './feishu.ts';
import { pageReceiver } from './page.ts';
import { pagerDutyReceiver, pagerDutyUrl } from './pagerduty.ts';
import type { Common, Receiver } from './receiver.ts';
import { webhookReceiver } from './webhook.ts';
import { weComReceiver, weComUrl } from './wecom.ts';

/** One entry of the receivers file, with its secrets in place of their references. */
export type ReceiverSettings = {
  readonly name: string;
  readonly type: Receiver['type'];
  readonly url: string | undefined;
  readonly allowsPrivate: boolean;
  readonly secret: string | undefined;
  readonly token: string | undefined;
  readonly email:
    | {
        readonly user: string | undefined;
        readonly from: string;
        readonly to: readonly string[];
        readonly language: 'en' | 'zh';
      }
    | undefined;
};

export function buildReceiver(settings: ReceiverSettings, pageUrl: string, http?: Common['http']): Receiver {
  const { name, type, allowsPrivate, secret, token = '' } = settings;
  const at = (otherwise: string): Common => ({
    name,
    url: settings.url ?? otherwise,
    allowsPrivate,
    pageUrl,
    ...(http === undefined ? {} : { http }),
  });
  switch (type) {
    case 'page':
      return pageReceiver(name);
    case 'webhook':
      return webhookReceiver(at(''), secret);
    case 'alertmanager':
      return alertmanagerReceiver(at(''), settings.token);
    case 'cloudevents':
      return cloudEventsReceiver(at(''), secret);
    case 'pagerduty':
      return pagerDutyReceiver(at(pagerDutyUrl), token);
    case 'dingtalk':
      return dingTalkReceiver(at(dingTalkUrl), token, secret);
    case 'wecom':
      return weComReceiver(at(weComUrl), token);
    case 'feishu':
      return feishuReceiver(at(feishuUrl), token, secret);
    case 'email':
      return emailReceiver(at(''), {
        from: settings.email?.from ?? '',
        to: settings.email?.to ?? [],
        user: settings.email?.user,
        password: secret,
        language: settings.email?.language ?? 'en',
        ...(http?.ca === undefined ? {} : { ca: http.ca }),
      });
  }
}
