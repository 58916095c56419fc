/**
 * Which addresses may be connected to on somebody else's word. Judged by parsed bytes, never by text; what is not known to be a public
 * unicast address is forbidden. Sources: the IANA special-purpose registries for IPv4 and IPv6.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Cidr = readonly [address: Address, prefixLength: number];

/** `allowed` lies in a range that the operator named, `public` is anybody's. */
export type AddressVerdict = 'allowed' | 'public' | 'forbidden';

/** Throws on a text that is no CIDR. */
export function parseCidrs(cidrs: readonly string[]): Cidr[] {
  return cidrs.map((cidr) => {
    if (!ipaddr.isValidCIDR(cidr)) throw new Error(`"${cidr}" is not an address range such as 10.1.0.0/16`);
    return ipaddr.parseCIDR(cidr);
  });
}

/** Credentials of a machine are served here. Never a webhook receiver, whatever the operator allowed. */
const METADATA = parseCidrs([
  '169.254.0.0/16', // link-local: AWS, Google, Azure, Oracle and many more
  '100.100.100.200/32', // Alibaba
  '168.63.129.16/32', // Azure platform
  '192.0.0.192/32', // Oracle
  'fd00:ec2::/32', // AWS
  'fd20:ce::/32', // Google
  'fd00:42::42/128', // Scaleway
  'fe80::/10',
]);

const FORBIDDEN = parseCidrs([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

const [GLOBAL_UNICAST, NAT64, NAT64_LOCAL, V4_COMPATIBLE, SIX_TO_FOUR, TEREDO] = parseCidrs([
  '2000::/3',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '::/96',
  '2002::/16',
  '2001::/32',
]) as [Cidr, Cidr, Cidr, Cidr, Cidr, Cidr];

export function createAddressPolicy(
  allowed: readonly Cidr[],
  denied: readonly Cidr[] = [],
): (address: string) => AddressVerdict {
  return (text) => {
    const address = parse(text);
    if (!address) return 'forbidden';
    const meant = [address, ...embedded(address)];
    if (meant.some((each) => isIn(each, METADATA) || isIn(each, denied))) return 'forbidden';
    if (isIn(address, allowed)) return 'allowed';
    return isPublic(address) ? 'public' : 'forbidden';
  };
}

/** Null for anything but a canonical address without a zone. An IPv4 address in IPv6 clothes is the IPv4 address. */
function parse(text: string): Address | null {
  const family = isIP(text);
  if (!family || text.includes('%')) return null;
  // ipaddr.js reads ::1.2.3.4 as ::ffff:1.2.3.4; the URL parser writes either in hexadecimal.
  const address = ipaddr.parse(family === 6 ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return !isIn(address, FORBIDDEN) && address.range() === 'unicast';
  // A network without IPv4 reaches IPv4 through a translator; what counts is the address behind it.
  if (isIn(address, [NAT64])) return embedded(address).every(isPublic);
  return isIn(address, [GLOBAL_UNICAST]) && !isIn(address, FORBIDDEN) && address.range() === 'unicast';
}

/** IPv4 addresses that a translator or a tunnel would reach through this address. */
function embedded(address: Address): ipaddr.IPv4[] {
  if (address instanceof ipaddr.IPv4) return [];
  const bytes = address.toByteArray();
  const at = (...offsets: number[]) => new ipaddr.IPv4(offsets.map((offset) => bytes[offset] ?? 0));
  const last = at(12, 13, 14, 15);
  if (isIn(address, [NAT64, V4_COMPATIBLE])) return [last];
  // RFC 6052: with a prefix of 48 bits the address is split around byte 8.
  if (isIn(address, [NAT64_LOCAL])) return [last, at(6, 7, 9, 10)];
  if (isIn(address, [SIX_TO_FOUR])) return [at(2, 3, 4, 5)];
  // RFC 4380: the server as it is, the client with every bit turned.
  if (isIn(address, [TEREDO])) {
    return [at(4, 5, 6, 7), new ipaddr.IPv4(last.toByteArray().map((byte) => byte ^ 0xff))];
  }
  return [];
}

function isIn(address: Address, ranges: readonly Cidr[]): boolean {
  return ranges.some(([base, length]) => base.kind() === address.kind() && address.match(base, length));
}
