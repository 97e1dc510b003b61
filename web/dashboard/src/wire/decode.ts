/**
 * The one way in for what the gateway says: text → ServerMessage, or undefined. Shapes inside a frame are the contract's and trusted,
 * since page and gateway are built and served together; what is checked is that it is one of the messages at all.
 */
import type { ServerMessage } from '@quaywatch/contracts';

const KINDS = new Set(['welcome', 'snapshot', 'frame', 'played', 'error', 'bye', 'pong']);

export function decodeServerMessage(text: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('t' in value)) return undefined;
  return KINDS.has(String(value.t)) ? (value as ServerMessage) : undefined;
}
