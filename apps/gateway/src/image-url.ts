import { BlockList, isIP } from 'node:net';
import { type ApiError, badRequest } from './errors.ts';

const MAX_LENGTH = 8_192;
/** Names that mean a machine or a network of ours, wherever they are resolved. */
const PRIVATE_NAME =
  /(^|\.)(localhost|local|internal|intranet|private|corp|home|lan|localdomain|home\.arpa|onion)$/;

/** Sources: the IANA special-purpose address registries. */
const PRIVATE_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Of the one range in use for public addresses. */
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const forbidden = listOf(PRIVATE_V4, PRIVATE_V6);
const publicV6 = listOf([], ['2000::/3']);

function listOf(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  const split = (range: string) => range.split('/') as [string, string];
  for (const [net, bits] of v4.map(split)) list.addSubnet(net, Number(bits), 'ipv4');
  for (const [net, bits] of v6.map(split)) list.addSubnet(net, Number(bits), 'ipv6');
  return list;
}

/**
 * An http(s) URL that may be handed to an upstream to fetch. Judged by its form alone: nothing is resolved, and we never
 * connect to it. Throws `invalid_image_url`.
 */
export function checkImageUrl(text: string): string {
  if (text.length > MAX_LENGTH) throw invalid(`it is longer than ${MAX_LENGTH} characters`);
  // The URL parser drops or rewrites these; two readers of one text must not see two hosts.
  if (/[\p{Cc}\s\\]/u.test(text)) throw invalid('it has characters that no URL has');
  const url = URL.parse(text);
  if (!url || !/^https?:\/\/[^/]/i.test(text)) throw invalid('expected an http(s) URL or a data URL');
  if (url.username !== '' || url.password !== '' || (text.split(/[/?#]/)[2] ?? '').includes('@')) {
    throw invalid('it must not hold credentials');
  }
  if (!isPublicHost(url.hostname)) throw invalid('its host is not public');
  return text;
}

/** `hostname` is from the URL parser, which has made every spelling of an IPv4 address the same. */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  switch (isIP(host)) {
    case 4:
      return !forbidden.check(host, 'ipv4');
    case 6:
      return publicV6.check(host, 'ipv6') && !forbidden.check(host, 'ipv6');
    default: {
      const name = host.replace(/\.+$/, '').toLowerCase();
      return name.includes('.') && !PRIVATE_NAME.test(name);
    }
  }
}

function invalid(why: string): ApiError {
  return badRequest('invalid_image_url', `Invalid 'input_reference.image_url': ${why}.`, 'input_reference');
}
