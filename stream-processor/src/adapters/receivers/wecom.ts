/** WeCom's group robot: markdown of at most 4096 bytes, 20 messages a minute; errors come with status 200 (developer.work.weixin.qq.com, 91770). */
import { markdown } from '../../notification/message.ts';
import { type Common, outcomeByErrcode, postJson, type Receiver } from './receiver.ts';

export const weComUrl = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';
const bytesMax = 4_096;
/** "api freq out of limit". */
const tooFast = 45_009;
/** The limit is by the minute. */
const shutOutMs = 60_000;

export function weComReceiver(common: Common, token: string): Receiver {
  return {
    name: common.name,
    type: 'wecom',
    target: new URL(common.url).origin,
    limits: [{ count: 20, withinMs: 60_000 }],
    canMerge: true,
    send: async (message) => {
      const url = new URL(common.url);
      url.searchParams.set('key', token);
      const answer = await postJson(common, url.href, {
        msgtype: 'markdown',
        markdown: { content: markdown(message, ['zh', 'en'], bytesMax) },
      });
      return outcomeByErrcode(answer, tooFast, shutOutMs);
    },
  };
}
