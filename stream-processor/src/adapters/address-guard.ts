/**
 * Which addresses the notifier may connect to, and a name's addresses, resolved once and pinned: what was checked is what is connected to.
 * Sends nothing. Ranges: IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates).
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

export type Address = { readonly address: string; readonly family: 4 | 6 };

/** `code` is 'address_refused'. Trying again would not help. */
export class AddressRefused extends Error {
  readonly code = 'address_refused';
}

const refused = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  refused.addSubnet(net, prefix, 'ipv4');

/** Only global unicast is reached by IPv6, and of it nothing that wraps an IPv4 address or is for documentation. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  refused.addSubnet(net, prefix, 'ipv6');

/** @param address an IP address as text, without brackets. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, 'ipv4');
  if (family === 6) return global6.check(address, 'ipv6') && !refused.check(address, 'ipv6');
  return false;
}

export type Resolve = (host: string) => Promise<readonly Address[]>;

const resolveByDns: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/**
 * The address to connect to. One refused address among several refuses the name: which one is taken is the resolver's choice.
 * @throws AddressRefused, or the resolver's error.
 */
export async function pinnedAddress(
  host: string,
  allowsPrivate: boolean,
  resolve: Resolve = resolveByDns,
): Promise<Address> {
  const bare = host.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  const addresses: readonly Address[] =
    family === 0 ? await resolve(bare) : [{ address: bare, family: family as 4 | 6 }];
  const [first] = addresses;
  if (first === undefined) throw new AddressRefused(`${host} has no address.`);
  const wrong = allowsPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
  if (wrong !== undefined)
    throw new AddressRefused(
      `${host} is at ${wrong.address}, which is not a public address. If that is meant, set "allow_private": true.`,
    );
  return first;
}
