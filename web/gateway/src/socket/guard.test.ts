import { expect, test } from 'vitest';
import { isHostAllowed } from './guard.ts';

const open = { host: '::', allowedOrigins: ['https://watch.example', 'http://[2001:db8::7]:8080'] };
const local = { host: '127.0.0.1', allowedOrigins: [] };

test.each([
  ['192.0.2.4:8080', open, true],
  ['[2001:db8::5]:8080', open, true],
  ['[2001:DB8::5]', open, true],
  ['[2001:db8::5]:8080', { host: '2001:db8::5', allowedOrigins: [] }, true],
  ['watch.example', open, true],
  ['evil.example:8080', open, false],
  ['[evil.example]:8080', open, false],
  ['[::1]:8080', local, true],
  ['[::1]', local, true],
  ['localhost:8080', local, true],
  ['[2001:db8::5]:8080', local, false],
  ['192.0.2.4', local, false],
  ['[2001:db8::7]:8080', { ...local, allowedOrigins: open.allowedOrigins }, true],
  [undefined, open, false],
])('the host %o is answered as %o: %o', (header, settings, isAllowed) =>
  expect(isHostAllowed(header, settings)).toBe(isAllowed),
);
