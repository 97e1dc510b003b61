import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { AddressRefused, isPublic, pinnedAddress } from './address-guard.ts';
import { post, retryAfterMs } from './guarded-http.ts';

test.each([
  ['8.8.8.8', true],
  ['203.107.1.1', true],
  ['2606:4700:4700::1111', true],
  ['2400:3200::1', true],
  ['127.0.0.1', false],
  ['127.255.0.9', false],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['172.31.255.255', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['100.100.100.200', false],
  ['198.18.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['fe80::1', false],
  ['fd00:ec2::254', false],
  ['fc00::1', false],
  ['ff02::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['::127.0.0.1', false],
  ['64:ff9b::7f00:1', false],
  ['64:ff9b:1::a00:1', false],
  ['2001:0:7f00:1::', false],
  ['2002:7f00:1::', false],
  ['2001:db8::1', false],
  ['localhost', false],
])('%s is public: %s', (address, expected) => expect(isPublic(address)).toBe(expected));

describe('names', () => {
  const resolve =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }));

  test('one private address among several refuses the name', async () => {
    await expect(pinnedAddress('mixed.example', false, resolve('8.8.8.8', '10.0.0.1'))).rejects.toBeInstanceOf(
      AddressRefused,
    );
    expect(await pinnedAddress('mixed.example', true, resolve('10.0.0.1'))).toEqual({ address: '10.0.0.1', family: 4 });
  });

  test.each(['localhost', '127.1', '[::1]', '2130706433', '0x7f.1', '[::ffff:7f00:1]'])(
    'https://%s/ does not get past it in another spelling',
    async (host) => {
      const { hostname } = new URL(`https://${host}/`);
      await expect(pinnedAddress(hostname, false)).rejects.toBeInstanceOf(AddressRefused);
    },
  );
});

describe('a post', () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
    else if (request.url === '/large') response.end(Buffer.alloc(200_000));
    else if (request.url === '/never') request.resume();
    else response.end('ok');
  });
  const listening = new Promise<number>((done) =>
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)),
  );
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = async (path: string, host = '127.0.0.1') => `http://${host}:${await listening}${path}`;

  test('goes to the address that was checked, under the name that was asked for', async () => {
    let resolved = 0;
    const rebinding = async () => {
      resolved += 1;
      return [{ address: resolved === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 as const }];
    };
    const answer = await post(await url('/', 'hooks.example'), '{}', { allowsPrivate: true, resolve: rebinding });
    expect(answer).toMatchObject({ status: 200, text: 'ok' });
    expect(resolved).toBe(1);
  });

  test('is refused before anything is sent', async () => {
    const before = asked;
    for (const address of [await url('/'), `https://127.0.0.1:${await listening}/`, 'ftp://example.com/'])
      await expect(post(address, '{}', { allowsPrivate: false })).rejects.toBeInstanceOf(AddressRefused);
    await expect(post('https://user:pass@example.com/', '{}', { allowsPrivate: true })).rejects.toBeInstanceOf(
      AddressRefused,
    );
    expect(asked).toBe(before);
  });

  test('follows no redirect, reads no more than 64 KiB, and waits no longer than 5 s', async () => {
    expect((await post(await url('/moved'), '{}', { allowsPrivate: true })).status).toBe(302);
    await expect(post(await url('/large'), '{}', { allowsPrivate: true })).rejects.toThrow('65536');
    const startMs = performance.now();
    await expect(post(await url('/never'), '{}', { allowsPrivate: true })).rejects.toMatchObject({
      name: expect.stringMatching(/TimeoutError|AbortError/),
    });
    expect(performance.now() - startMs).toBeLessThan(7_000);
  });
});

test.each([
  [undefined, null],
  ['120', 120_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 60_000],
  ['Wed, 21 Oct 2015 07:20:00 GMT', 0],
  ['soon', null],
])('Retry-After %s', (value, expected) => expect(retryAfterMs(value, Date.UTC(2015, 9, 21, 7, 27, 0))).toBe(expected));
