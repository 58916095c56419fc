import type { IncomingMessage } from 'node:http';
import { type KeyAuthenticator, ReelgateError } from '@reelgate/core';
import type { MiddlewareHandler } from 'hono';
import { networkOf } from '../client-address.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { headerValues } from '../headers.ts';

/** Lets a request pass with its principal, or throws `invalid_api_key` or `team_disabled`. */
export function authenticate(keys: Pick<KeyAuthenticator, 'team'>): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    c.set('principal', await keys.team(readKey(c.env.incoming), networkOf(c.var.record.address)));
    await next();
  };
}

/**
 * The key of `Authorization: Bearer …`, or of the `api-key` header of Azure's SDKs. Where there is more than one, none is
 * looked at: whoever stands in front of us may have checked the other. A key in the query is never read.
 */
export function readKey(incoming: Pick<IncomingMessage, 'rawHeaders'>): string {
  const authorizations = headerValues(incoming, 'authorization');
  const apiKeys = headerValues(incoming, 'api-key');
  const [given = ''] = [...authorizations, ...apiKeys];
  const count = authorizations.length + apiKeys.length;
  if (count === 0) {
    throw refused(
      "You didn't provide an API key. Send it in an Authorization header: 'Authorization: Bearer YOUR_KEY'.",
    );
  }
  if (count > 1 || given.includes(',')) throw refused('Send exactly one API key.');
  if (apiKeys.length === 1) return given;
  const key = /^bearer +(.+)$/i.exec(given)?.[1];
  if (key === undefined) throw refused("The Authorization header must have the form 'Bearer YOUR_KEY'.");
  return key;
}

function refused(message: string): ReelgateError {
  return new ReelgateError('invalid_api_key', message);
}
