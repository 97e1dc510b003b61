/** E-mail by SMTP: text and HTML, and a Message-ID that is the same for every attempt. The server's address is guarded like any other. */
import { createHash } from 'node:crypto';
import type { Language } from '@quaywatch/words';
import { createTransport } from 'nodemailer';
import { heading, type Message, paragraphs, simulatedNote } from '../../notification/message.ts';
import { AddressRefused, pinnedAddress } from '../address-guard.ts';
import { type Common, failed, type Outcome, type Receiver } from './receiver.ts';

const withinMs = 20_000;

export type EmailOptions = {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly language: Language;
  /** Of tests with a certificate of their own. */
  readonly ca?: string;
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

function messageId(id: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@quaywatch.invalid>`;
}

/** One mail thread an alert: the first notification and the last belong together in every reader. */
function threadOf(message: Message): string | undefined {
  const [only, another] = message.said;
  return only === undefined || another !== undefined ? undefined : messageId(`thread/${only.alert.alert_id}`);
}

function mailOf(message: Message, { language, from, to }: EmailOptions, pageUrl: string) {
  const list = paragraphs(message, language);
  const note = simulatedNote(message, language);
  const link = pageUrl === '' ? [] : [pageUrl];
  const text = [...list.map((one) => [one.title, one.text].filter((line) => line !== '').join('\n')), note, ...link];
  const html = [
    ...list.map(
      (one) => `<p>${one.title === '' ? '' : `<b>${escapeHtml(one.title)}</b><br>`}${escapeHtml(one.text)}</p>`,
    ),
    note === '' ? '' : `<p><i>${escapeHtml(note)}</i></p>`,
    ...link.map((url) => `<p><a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`),
  ];
  const thread = threadOf(message);
  return {
    from,
    to: [...to],
    subject: heading(message, language),
    messageId: messageId(message.id),
    ...(thread === undefined ? {} : { references: thread }),
    text: text.filter((part) => part !== '').join('\n\n'),
    html: `<!doctype html><html lang="${language}"><body>${html.join('')}</body></html>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Quaywatch-Notification': encodeURIComponent(message.id.toWellFormed()),
    },
  };
}

function outcomeOfError(error: unknown): Outcome {
  if (error instanceof AddressRefused) return failed(error.message, null, { isHopeless: true });
  const status: unknown = error instanceof Error ? Reflect.get(error, 'responseCode') : undefined;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const said: unknown = error instanceof Error ? Reflect.get(error, 'response') : undefined;
  if (typeof status !== 'number') return failed(typeof code === 'string' ? code : 'It could not be reached.', null);
  // 4yz is "try again", 5yz is not (RFC 5321 §4.2.1); a refused login may be mended by a person within the hour.
  const isHopeless = status >= 500 && code !== 'EAUTH';
  return failed(typeof said === 'string' ? said : '', status, { isHopeless, isReached: true });
}

export function emailReceiver(common: Common, options: EmailOptions): Receiver {
  const server = new URL(common.url);
  const isTls = server.protocol === 'smtps:';
  const port = server.port === '' ? (isTls ? 465 : 587) : Number(server.port);
  return {
    name: common.name,
    type: 'email',
    target: `${server.hostname}:${port}`,
    limits: [{ count: 30, withinMs: 60_000 }],
    canMerge: true,
    send: async (message) => {
      try {
        const { address } = await pinnedAddress(server.hostname, common.allowsPrivate, common.http?.resolve);
        const transport = createTransport({
          host: address,
          port,
          secure: isTls,
          // Without it a server in between could have the mail, and the password, in the clear.
          requireTLS: !isTls && !common.allowsPrivate,
          tls: { servername: server.hostname, ...(options.ca === undefined ? {} : { ca: options.ca }) },
          connectionTimeout: withinMs,
          greetingTimeout: withinMs,
          socketTimeout: withinMs,
          disableFileAccess: true,
          disableUrlAccess: true,
          ...(options.user === undefined ? {} : { auth: { user: options.user, pass: options.password ?? '' } }),
        });
        try {
          await transport.sendMail(mailOf(message, options, common.pageUrl));
          return { kind: 'delivered', status: 250, detail: '' };
        } finally {
          transport.close();
        }
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}
