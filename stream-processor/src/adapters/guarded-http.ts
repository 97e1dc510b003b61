/** One POST to an address that a person has written down: guarded, pinned, no redirects, five seconds, 64 KiB of answer. Retries nothing. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { AddressRefused, pinnedAddress, type Resolve } from './address-guard.ts';

const withinMs = 5_000;
const answerBytesMax = 65_536;

export type HttpAnswer = { readonly status: number; readonly text: string; readonly retryAfterMs: number | null };
export type PostOptions = {
  readonly allowsPrivate: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resolve?: Resolve;
  /** Of tests with a certificate of their own. */
  readonly ca?: string;
};

/** RFC 9110 §10.2.3: seconds, or a date. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** @throws AddressRefused, or what the network says; an answer of whatever status is an answer. */
export async function post(url: string, body: string, options: PostOptions): Promise<HttpAnswer> {
  const target = new URL(url);
  const isTls = target.protocol === 'https:';
  if (!isTls && target.protocol !== 'http:') throw new AddressRefused(`${target.protocol} is not spoken here.`);
  if (!isTls && !options.allowsPrivate)
    throw new AddressRefused('Addresses are https:// unless "allow_private" is true.');
  if (target.username !== '' || target.password !== '')
    throw new AddressRefused('Addresses hold no user and no password.');
  const deadline = AbortSignal.timeout(withinMs);
  const pinned = await Promise.race([
    pinnedAddress(target.hostname, options.allowsPrivate, options.resolve),
    new Promise<never>((_, reject) =>
      deadline.addEventListener('abort', () => reject(deadline.reason), { once: true }),
    ),
  ]);
  return new Promise((done, reject) => {
    const send = isTls ? requestHttps : requestHttp;
    const request = send(
      target,
      {
        method: 'POST',
        agent: false,
        signal: deadline,
        maxHeaderSize: 16_384,
        headers: { 'user-agent': 'quaywatch', ...options.headers, 'content-length': Buffer.byteLength(body) },
        // The address that was checked, whatever the name says by now.
        lookup: (_host, wanted, answer) =>
          wanted.all === true ? answer(null, [pinned]) : answer(null, pinned.address, pinned.family),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytesMax) request.destroy(new Error(`The answer is larger than ${answerBytesMax} bytes.`));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          done({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            retryAfterMs: retryAfterMs(response.headers['retry-after'], Date.now()),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
