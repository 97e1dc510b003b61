/**
 * Who may speak to the gateway from a browser: the Host and the Origin of a request against what is allowed.
 * Guards against DNS rebinding (Host) and other sites' pages (Origin); tokens are checked elsewhere.
 */
import { isIP } from 'node:net';

export type GuardSettings = {
  /** The address that the gateway listens on. */
  readonly host: string;
  /** Origins beside the gateway's own, such as `https://watch.example.org`. */
  readonly allowedOrigins: readonly string[];
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Without port, and an IPv6 address without its brackets. */
function hostNameOf(hostHeader: string): string {
  return hostHeader
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/** A name that the gateway answers to. One that listens wider than loopback stands behind a token and answers to any name that is an address. */
export function isHostAllowed(hostHeader: string | undefined, settings: GuardSettings): boolean {
  if (hostHeader === undefined) return false;
  const name = hostNameOf(hostHeader);
  if (isLoopback(name) || name === settings.host.toLowerCase()) return true;
  if (settings.allowedOrigins.some((origin) => URL.canParse(origin) && hostNameOf(new URL(origin).host) === name))
    return true;
  return !isLoopback(settings.host) && isIP(name) !== 0;
}

/** No Origin: not a browser's cross-site request. Otherwise the gateway's own, or one of the allowed. */
export function isOriginAllowed(
  origin: string | undefined,
  hostHeader: string | undefined,
  settings: GuardSettings,
): boolean {
  if (origin === undefined) return true;
  if (settings.allowedOrigins.includes(origin)) return true;
  if (!URL.canParse(origin) || hostHeader === undefined) return false;
  const { protocol, host } = new URL(origin);
  // Parsed alike, so that a default port written out is the same host.
  const own = `${protocol}//${hostHeader}`;
  return URL.canParse(own) && new URL(own).host === host;
}
