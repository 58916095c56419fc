import type { IncomingMessage } from 'node:http';
import { type KeyAuthenticator, ReelgateError } from '@reelgate/core';
import type { MiddlewareHandler } from 'hono';
import { networkOf } from '../client-address.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { headerValues } from '../headers.ts';

export interface AuthenticateDeps {
  readonly keys: Pick<KeyAuthenticator, 'team'>;
  /** What `work` asks of the database counts as the team's, so that no team makes another one wait. */
  readonly onBehalfOf: <T>(teamId: string, work: () => T) => T;
}

/**
 * Lets a request pass with its principal, or throws `invalid_api_key` or `team_disabled`. The answer names the team where the
 * original names the organization that a key belongs to.
 */
export function authenticate(deps: AuthenticateDeps): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const principal = await deps.keys.team(readKey(c.env.incoming), networkOf(c.var.record.address));
    c.set('principal', principal);
    c.env.outgoing.setHeader('openai-organization', principal.teamId);
    await deps.onBehalfOf(principal.teamId, next);
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
