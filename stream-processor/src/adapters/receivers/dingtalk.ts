/** DingTalk's custom robot: markdown, signed with time and secret; 20 messages a minute, and ten minutes' silence for who sends more. */
import { createHmac } from 'node:crypto';
import { heading, markdown } from '../../notification/message.ts';
import { type Common, outcomeByErrcode, postJson, type Receiver } from './receiver.ts';

export const dingTalkUrl = 'https://oapi.dingtalk.com/robot/send';
const bytesMax = 18_000;
/** "send too fast, exceed 20 times per minute": the robot is shut out for ten minutes. */
const tooFast = 130_101;
const shutOutMs = 600_000;

/** base64 of HMAC-SHA256 with the secret as key over "<milliseconds>\n<secret>": open.dingtalk.com, "自定义机器人安全设置". */
function dingTalkSign(secret: string, timestampMs: number): string {
  return createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');
}

export function dingTalkReceiver(common: Common, token: string, secret: string | undefined): Receiver {
  return {
    name: common.name,
    type: 'dingtalk',
    target: new URL(common.url).origin,
    limits: [{ count: 20, withinMs: 60_000 }],
    canMerge: true,
    send: async (message, nowMs) => {
      const url = new URL(common.url);
      url.searchParams.set('access_token', token);
      if (secret !== undefined) {
        url.searchParams.set('timestamp', String(nowMs));
        url.searchParams.set('sign', dingTalkSign(secret, nowMs));
      }
      const answer = await postJson(common, url.href, {
        msgtype: 'markdown',
        markdown: { title: heading(message, 'zh'), text: markdown(message, ['zh', 'en'], bytesMax) },
      });
      return outcomeByErrcode(answer, tooFast, shutOutMs);
    },
  };
}
