/** What a browser says of itself, as sign-in and the Admin API need it. */
import type { Browser } from '@reelgate/identity';
import type { Context } from 'hono';
import type { GatewayEnv } from './gateway-env.ts';
import { headerValues } from './headers.ts';

export function originOf(c: Context<GatewayEnv>) {
  const { headers, method = 'GET' } = c.env.incoming;
  const fetchSite = headers['sec-fetch-site'];
  return { method, origin: headers.origin, fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined };
}

export function browserOf(c: Context<GatewayEnv>): Browser {
  const { incoming } = c.env;
  const cookies = headerValues(incoming, 'cookie');
  return {
    cookie: cookies.length === 0 ? undefined : cookies.join('; '),
    address: incoming.socket.remoteAddress,
    userAgent: incoming.headers['user-agent']?.slice(0, 500),
  };
}
