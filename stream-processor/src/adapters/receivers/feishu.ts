/** Feishu's (Lark's) custom robot: an interactive card of at most 20 KB; 100 a minute and 5 a second (open.feishu.cn, "自定义机器人使用指南"). */
import { createHmac } from 'node:crypto';
import { heading, type Message, markdown } from '../../notification/message.ts';
import { bodyCode, type Common, failed, postJson, type Receiver } from './receiver.ts';

export const feishuUrl = 'https://open.feishu.cn/open-apis/bot/v2/hook';
const bytesMax = 16_000;
/** "too many request" of the robot, and of the service at full and half hours. */
const tooFast: ReadonlySet<number> = new Set([9_499, 11_232]);

/** Key and message are the other way round than elsewhere: HMAC-SHA256 of nothing, with "<seconds>\n<secret>" as the key. */
function feishuSign(secret: string, timestampS: number): string {
  return createHmac('sha256', `${timestampS}\n${secret}`).update('').digest('base64');
}

function colour(message: Message): string {
  const open = message.said.filter((one) => one.alert.status !== 'resolved');
  if (message.said.length === 0) return 'blue';
  if (open.length === 0) return 'green';
  return open.some((one) => one.severity === 'critical') ? 'red' : 'orange';
}

export function feishuReceiver(common: Common, token: string, secret: string | undefined): Receiver {
  return {
    name: common.name,
    type: 'feishu',
    target: new URL(common.url).origin,
    limits: [
      { count: 100, withinMs: 60_000 },
      { count: 5, withinMs: 1_000 },
    ],
    canMerge: true,
    send: async (message, nowMs) => {
      const seconds = Math.floor(nowMs / 1000);
      const signed = secret === undefined ? {} : { timestamp: String(seconds), sign: feishuSign(secret, seconds) };
      const url = `${common.url.replace(/\/+$/, '')}/${encodeURIComponent(token)}`;
      const answer = await postJson(common, url, {
        ...signed,
        msg_type: 'interactive',
        card: {
          config: { wide_screen_mode: true },
          header: { template: colour(message), title: { tag: 'plain_text', content: heading(message, 'zh') } },
          elements: [{ tag: 'div', text: { tag: 'lark_md', content: markdown(message, ['zh', 'en'], bytesMax) } }],
        },
      });
      if (answer.kind === 'failed') return answer;
      // Older robots answer with StatusCode alone.
      const code = bodyCode(answer.text, 'code') ?? bodyCode(answer.text, 'StatusCode');
      if (code === 0) return answer;
      const isTooFast = code !== undefined && tooFast.has(code);
      return failed(answer.text, answer.status, {
        isReached: true,
        isHopeless: !isTooFast && code !== undefined,
        retryInMs: isTooFast ? 60_000 : null,
      });
    },
  };
}
