/** What every receiver is, and what its answers mean. One file per type beside this one; none decides whom to tell, or when. */
import { createHmac } from 'node:crypto';
import type { ReceiverType } from '@quaywatch/contracts';
import type { Limit } from '../../notification/delivery-policy.ts';
import type { Message } from '../../notification/message.ts';
import { AddressRefused } from '../address-guard.ts';
import { type HttpAnswer, type PostOptions, post } from '../guarded-http.ts';

export type Outcome =
  | { readonly kind: 'delivered'; readonly status: number | null; readonly detail: string }
  /** `isReached`: it answered, so its circuit is none of this. `retryInMs`: null leaves it to the back-off. */
  | {
      readonly kind: 'failed';
      readonly status: number | null;
      readonly detail: string;
      readonly isHopeless: boolean;
      readonly isReached: boolean;
      readonly retryInMs: number | null;
    };

export type Receiver = {
  readonly name: string;
  readonly type: ReceiverType;
  /** Where it is, without anything secret: for the log and the page. */
  readonly target: string;
  readonly limits: readonly Limit[];
  /** Several decisions may share a message when the limits are tight. */
  readonly canMerge: boolean;
  readonly send: (message: Message, nowMs: number) => Promise<Outcome>;
  /** Says again what still fires: no new decision, and nothing that is logged as an attempt. */
  readonly keepAlive?: {
    readonly everyMs: number;
    readonly send: (message: Message, nowMs: number) => Promise<Outcome>;
  };
};

export type Common = {
  readonly name: string;
  readonly url: string;
  readonly allowsPrivate: boolean;
  /** The page's address, for links; '' without one. */
  readonly pageUrl: string;
  /** Of tests: a certificate of their own, a resolver. */
  readonly http?: Pick<PostOptions, 'ca' | 'resolve'>;
};

const detailMax = 300;

export function failed(
  detail: string,
  status: number | null,
  more: Partial<Pick<Extract<Outcome, { kind: 'failed' }>, 'isHopeless' | 'isReached' | 'retryInMs'>> = {},
): Outcome {
  const shown = detail.replace(/\s+/g, ' ').slice(0, detailMax);
  return { kind: 'failed', status, detail: shown, isHopeless: false, isReached: false, retryInMs: null, ...more };
}

/** 2xx is good; 408, 425, 429 and 5xx are worth another try; anything else, redirects too, is not. */
function outcomeOf(answer: HttpAnswer): Outcome {
  const { status, text, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered', status, detail: '' };
  const isWorthIt = status === 408 || status === 425 || status === 429 || status >= 500;
  const detail = status >= 300 && status < 400 ? 'It redirects, and redirects are not followed.' : text;
  return failed(detail, status, {
    isHopeless: !isWorthIt,
    isReached: status < 500,
    retryInMs: retryAfterMs,
  });
}

/** A POST whose failures are outcomes; messages of errors carry no secrets of the address. */
export async function postJson(
  common: Common,
  url: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome & { readonly text: string }> {
  try {
    const answer = await post(url, typeof value === 'string' ? value : JSON.stringify(value), {
      allowsPrivate: common.allowsPrivate,
      headers: { 'content-type': 'application/json', ...headers },
      ...common.http,
    });
    return { ...outcomeOf(answer), text: answer.text };
  } catch (error) {
    const isHopeless = error instanceof AddressRefused;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
    const detail = isHopeless ? error.message : isLate ? 'No answer within 5 s.' : code || 'It could not be reached.';
    return { ...failed(detail, null, { isHopeless }), text: '' };
  }
}

/** Of answers that say in their body what went wrong, with status 200. */
export function bodyCode(text: string, name: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const value = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Of robots that answer 200 with an `errcode`. -1 is their "system busy"; any other but `tooFast` is about this message or this robot. */
export function outcomeByErrcode(
  answer: Outcome & { readonly text: string },
  tooFast: number,
  shutOutMs: number,
): Outcome {
  if (answer.kind === 'failed') return answer;
  const code = bodyCode(answer.text, 'errcode');
  if (code === 0) return answer;
  const isTooFast = code === tooFast;
  return failed(answer.text, answer.status, {
    isReached: true,
    isHopeless: !isTooFast && code !== -1 && code !== undefined,
    retryInMs: isTooFast ? shutOutMs : null,
  });
}

/** `sha256=` and the hex HMAC over `<seconds>.<body>`: a receiver that checks the time cannot be sent an old message again. */
export function signatureHeaders(secret: string | undefined, body: string, nowMs: number): Record<string, string> {
  if (secret === undefined) return {};
  const seconds = String(Math.floor(nowMs / 1000));
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'x-quaywatch-timestamp': seconds, 'x-quaywatch-signature': `sha256=${digest}` };
}
