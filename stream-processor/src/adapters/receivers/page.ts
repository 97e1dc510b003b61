/** The page: it reads the decisions themselves, so there is nothing to send, and a decision is its delivery. */
import type { Receiver } from './receiver.ts';

export function pageReceiver(name: string): Receiver {
  return {
    name,
    type: 'page',
    target: 'the page',
    limits: [],
    canMerge: false,
    send: async () => ({ kind: 'delivered', status: null, detail: '' }),
  };
}
