import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { headerValues } from './headers.ts';

type Incoming = Pick<IncomingMessage, 'rawHeaders'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/**
 * Where a request comes from. Behind `trustedProxies` proxies it is what the outermost of them has added to X-Forwarded-For;
 * whatever stands to the left of that, the client may have written itself. Empty where nobody knows.
 */
export function clientAddress(trustedProxies: number): (incoming: Incoming) => string {
  return (incoming) => {
    const connected = plain(incoming.socket.remoteAddress ?? '');
    if (trustedProxies === 0) return connected;
    const hops = headerValues(incoming, 'x-forwarded-for').join(',').split(',');
    const told = plain(hops.at(-trustedProxies)?.trim() ?? '');
    return told === '' ? connected : told;
  };
}

/** Empty for what is no address. */
function plain(text: string): string {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? '' : address;
}

/** What counts as one place: an IPv4 address, or the /64 of an IPv6 one, which is what one customer of a provider is given. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [left = '', right] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const groups = [...head, ...(right === undefined ? [] : zeros), ...tail].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
