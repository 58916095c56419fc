import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The hostname of a URL is an address outside the public internet: private, loopback, link-local, reserved, mapped or tunnelled. */
export function isForbiddenLiteral(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) && !isPublic(host);
}

/** As `dns.lookup`, but a name with any address outside the public internet does not resolve. It is asked by the connection itself, so the address checked is the address used. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) {
      callback(error ?? forbidden(), []);
    } else if (!addresses.every(({ address }) => isPublic(address))) {
      callback(forbidden(), []);
    } else if (options.all) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
};

function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}

function forbidden(): NodeJS.ErrnoException {
  return Object.assign(new Error('The name leads to an address that is not public.'), {
    code: 'address_forbidden',
  });
}
