/**
 * The receivers file (`QUAYWATCH_RECEIVERS`): read once, checked as a whole, all problems in one message. Secrets come from the environment
 * or from files, by reference, so that the file itself can be shown to anybody. Form: docs/notifications.md.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from '@quaywatch/runtime';
import { z } from 'zod';
import type { ReceiverSettings } from './adapters/receivers/build.ts';

type Env = Readonly<Record<string, string | undefined>>;

const receiversMax = 100;
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/, {
  error: 'a name is 1 to 80 letters, digits, "_", "." and "-"',
});
const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: 'is given as {"env": "NAME"} or {"file": "PATH"}',
});
const http = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const smtp = z.url({ protocol: /^smtps?$/, error: 'must be smtp://host:port or smtps://host:port' });
const language = z.enum(['en', 'zh']);
const mailbox = z.string().regex(/^[^\r\n]{1,200}@[^\r\n]{1,200}$/, { error: 'must be an e-mail address' });
const common = { name, allow_private: z.boolean().default(false) };

const receiver = z.discriminatedUnion('type', [
  z.strictObject({ name, type: z.literal('page') }),
  z.strictObject({ ...common, type: z.literal('webhook'), url: http, secret: secret.optional() }),
  z.strictObject({ ...common, type: z.literal('alertmanager'), url: http, token: secret.optional() }),
  z.strictObject({ ...common, type: z.literal('cloudevents'), url: http, secret: secret.optional() }),
  z.strictObject({ ...common, type: z.literal('pagerduty'), url: http.optional(), token: secret }),
  z.strictObject({
    ...common,
    type: z.literal('dingtalk'),
    url: http.optional(),
    token: secret,
    secret: secret.optional(),
  }),
  z.strictObject({ ...common, type: z.literal('wecom'), url: http.optional(), token: secret }),
  z.strictObject({
    ...common,
    type: z.literal('feishu'),
    url: http.optional(),
    token: secret,
    secret: secret.optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('email'),
    url: smtp,
    user: z.string().min(1).optional(),
    secret: secret.optional(),
    from: mailbox,
    to: z.array(mailbox).min(1).max(50),
    language: language.default('en'),
  }),
]);

const file = z.strictObject({
  page_url: http.optional(),
  receivers: z.array(receiver).min(1).max(receiversMax),
  watchdog: z.strictObject({ receiver: name, every_s: z.number().int().min(30).max(86_400) }).optional(),
});

type SecretReference = z.infer<typeof secret>;
type Written = z.infer<typeof receiver>;

export type ReceiversFile = {
  readonly pageUrl: string;
  readonly receivers: readonly ReceiverSettings[];
  readonly watchdog: { readonly receiver: string; readonly everyMs: number } | undefined;
};

export const NO_FILE: ReceiversFile = {
  pageUrl: '',
  receivers: [
    {
      name: 'page',
      type: 'page',
      url: undefined,
      allowsPrivate: false,
      secret: undefined,
      token: undefined,
      email: undefined,
    },
  ],
  watchdog: undefined,
};

function secretOf(
  reference: SecretReference | undefined,
  env: Env,
  at: string,
  problems: string[],
): string | undefined {
  if (reference === undefined) return undefined;
  if ('env' in reference) {
    const value = env[reference.env];
    if (value === undefined || value === '') problems.push(`${at}: the variable ${reference.env} is not set`);
    return value;
  }
  try {
    const value = readFileSync(reference.file, 'utf8').trim();
    if (value === '') problems.push(`${at}: the file ${reference.file} is empty`);
    return value;
  } catch {
    problems.push(`${at}: the file ${reference.file} cannot be read`);
    return undefined;
  }
}

function settingsOf(written: Written, env: Env, problems: string[]): ReceiverSettings {
  const at = `receivers.${written.name}`;
  const url = 'url' in written ? written.url : undefined;
  const allowsPrivate = 'allow_private' in written ? written.allow_private : false;
  if (url !== undefined && /^https?:/.test(url)) {
    const { protocol, username, password } = new URL(url);
    if (username !== '' || password !== '')
      problems.push(`${at}.url: holds a user or a password; secrets are given by reference`);
    if (protocol === 'http:' && !allowsPrivate)
      problems.push(`${at}.url: must be https:// unless "allow_private" is true`);
  }
  return {
    name: written.name,
    type: written.type,
    url,
    allowsPrivate,
    secret: secretOf('secret' in written ? written.secret : undefined, env, `${at}.secret`, problems),
    token: secretOf('token' in written ? written.token : undefined, env, `${at}.token`, problems),
    email:
      written.type === 'email'
        ? { user: written.user, from: written.from, to: written.to, language: written.language }
        : undefined,
  };
}

/** @throws ConfigError naming every problem. */
export function readReceivers(path: string, env: Env): ReceiversFile {
  if (path === '') return NO_FILE;
  const where = `QUAYWATCH_RECEIVERS (${path})`;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new ConfigError([`${where}: ${why}`]);
  }
  const parsed = file.safeParse(json);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${where}: ${issue.path.join('.') || 'the file'}: ${issue.message}`),
    );
  const problems: string[] = [];
  const receivers = parsed.data.receivers.map((one) => settingsOf(one, env, problems));
  const names = new Set<string>();
  for (const one of receivers) {
    if (names.has(one.name)) problems.push(`receivers.${one.name}: the name is there twice`);
    names.add(one.name);
  }
  const { watchdog, page_url } = parsed.data;
  if (watchdog !== undefined && !names.has(watchdog.receiver))
    problems.push(`watchdog.receiver: there is no receiver "${watchdog.receiver}"`);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${where}: ${problem}`));
  return {
    pageUrl: page_url ?? '',
    // What everybody sees is always there, under the name that the default rules use.
    receivers: names.has('page') ? receivers : [...NO_FILE.receivers, ...receivers],
    watchdog: watchdog === undefined ? undefined : { receiver: watchdog.receiver, everyMs: watchdog.every_s * 1000 },
  };
}
