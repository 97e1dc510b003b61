/** WeCom's group robot: markdown of at most 4096 bytes, 20 messages a minute; errors come with status 200 (developer.work.weixin.qq.com, 91770). */
import { markdown } from '../../notification/message.ts';
import { bodyCode, type Common, failed, postJson, type Receiver } from './receiver.ts';

export const weComUrl = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';
const bytesMax = 4_096;
/** "api freq out of limit". */
const tooFast = 45_009;

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
      if (answer.kind === 'failed') return answer;
      const code = bodyCode(answer.text, 'errcode');
      if (code === 0) return answer;
      const isTooFast = code === tooFast;
      return failed(answer.text, answer.status, {
        isReached: true,
        isHopeless: !isTooFast && code !== -1 && code !== undefined,
        retryInMs: isTooFast ? 60_000 : null,
      });
    },
  };
}
