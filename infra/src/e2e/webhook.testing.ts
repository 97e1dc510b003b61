/** A desk that is told by webhook: a real HTTP server that keeps what it was sent, and refuses what a test tells it to. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Told = {
  readonly version: string;
  readonly status: string;
  readonly receiver: string;
  readonly reason: string;
  readonly id: string;
  readonly simulated: boolean;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly fingerprint: string;
  }[];
};
type Delivery = {
  readonly key: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Told;
  readonly status: number;
};
export type Desk = { readonly url: string; readonly deliveries: Delivery[]; readonly close: () => Promise<void> };

/** @param statusOf what a delivery is answered with, by what came before it. */
export async function openDesk(statusOf: (body: Told, before: readonly Delivery[]) => number): Promise<Desk> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(text) as Told;
      const status = statusOf(body, deliveries);
      const key = decodeURIComponent(String(request.headers['idempotency-key']));
      deliveries.push({ key, headers: request.headers, text, body, status });
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/alerts`, deliveries, close };
}

/** As docs/notifications.md tells a receiver to check it. */
export function isSigned({ headers, text }: Delivery, secret: string): boolean {
  const seconds = String(headers['x-quaywatch-timestamp']);
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')}`);
  const given = Buffer.from(String(headers['x-quaywatch-signature']));
  const isTimely = Math.abs(Date.now() / 1000 - Number(seconds)) < 300;
  return isTimely && wanted.length === given.length && timingSafeEqual(wanted, given);
}
