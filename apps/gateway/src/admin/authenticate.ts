import { type AdminPrincipal, type KeyAuthenticator, ReelgateError } from '@reelgate/core';
import type { Identity, SignedIn } from '@reelgate/identity';
import type { MiddlewareHandler } from 'hono';
import { browserOf, originOf } from '../browser.ts';
import { networkOf } from '../client-address.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { headerValues } from '../headers.ts';
import { readKey } from '../middleware/authenticate.ts';
import type { AuthDeps } from '../routes/auth.ts';

export interface AdminAuthentication {
  readonly keys: Pick<KeyAuthenticator, 'admin'>;
  readonly identity: Pick<Identity, 'resolve'>;
  readonly isSameOrigin: AuthDeps['isSameOrigin'];
}

/**
 * Lets a request pass with its administrator, or throws `invalid_api_key`. A key goes before a cookie. With a cookie, whatever
 * may change something must come from the dashboard's own pages, or it is `cross_site_request`: a page of another site can
 * send our cookie along, but cannot change what the browser says of it.
 */
export function authenticateAdmin(deps: AdminAuthentication): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const { incoming } = c.env;
    const hasKey = ['authorization', 'api-key'].some((name) => headerValues(incoming, name).length > 0);
    if (hasKey) {
      c.set('admin', await deps.keys.admin(readKey(incoming), networkOf(c.var.record.address)));
    } else {
      const signedIn = await deps.identity.resolve(browserOf(c).cookie);
      if (!signedIn) throw new ReelgateError('invalid_api_key', 'Sign in, or send a key of the Admin API.');
      if (!deps.isSameOrigin(originOf(c))) {
        throw new ReelgateError(
          'cross_site_request',
          "Changes are taken from the dashboard's own pages only.",
        );
      }
      c.set('admin', principalOf(signedIn));
    }
    await next();
  };
}

function principalOf({ userId, name, email, role, teams, signedInRecently }: SignedIn): AdminPrincipal {
  return {
    kind: 'user',
    id: userId,
    name,
    email,
    role,
    teamIds: teams.map(({ id }) => id),
    signedInRecently,
  };
}
