import { checkObjectStoreChoice, serverVariables, variable } from '@reelgate/runtime';
import { z } from 'zod';

export const environmentSchema = z
  .object({
    PORT: variable.port().default(8080).describe('Port to listen on; 0 takes a free one.'),
    HOST: variable.text().default('0.0.0.0').describe('Address to listen on.'),
    ...serverVariables,
    REELGATE_KEY_PEPPER: variable
      .secret({ minLength: 16 })
      .describe(
        'Mixed into the hash of every API key. To change it, give the new and the old one as `2:<new>,1:<old>`: a key that is used is hashed anew, and one that is not stays valid for as long as its own is listed.',
      ),
    WRONG_KEYS_PER_MINUTE: variable
      .integer({ min: 1, max: 1_000_000 })
      .default(60)
      .describe(
        'How many wrong API keys may be tried in a minute from one address, or at one key, before it has to wait.',
      ),
    TRUSTED_PROXIES: variable
      .integer({ min: 0, max: 10 })
      .default(0)
      .describe(
        'How many proxies stand in front, each of which adds to X-Forwarded-For. 0: the header is not believed.',
      ),
    GATEWAY_REPLICAS: variable
      .integer({ min: 1, max: 1_000 })
      .default(1)
      .describe(
        'How many gateways run. Without Redis, or while it is away, each grants its share of the requests per minute.',
      ),
    CONCURRENT_REQUESTS: variable
      .integer({ min: 4, max: 1_000_000 })
      .default(2_000)
      .describe(
        'How many requests one gateway serves at once; what is more gets 503. Lists and the Admin API are refused from half of it on, downloads from three quarters, and creates only where all is taken; to ask for one video is never refused. One team has half of each.',
      ),
    INLINE_SUBMIT_WAIT: variable
      .durationMs()
      .default(20_000)
      .describe('How long a create waits for its upstream before it answers `queued` and goes on by itself.'),
    BODY_TIMEOUT: variable
      .durationMs()
      .default(30_000)
      .describe('How long a caller may take to send the body of a request without files.'),
    UPLOAD_TIMEOUT: variable
      .durationMs()
      .default(540_000)
      .describe('The same for a request with a file, from the beginning of the file.'),
    IMAGE_MAX_BYTES: variable
      .bytes()
      .default(20 * 2 ** 20)
      .describe('Largest picture that a caller may send to start a video from.'),
    VIDEO_MAX_BYTES: variable
      .bytes()
      .default(512 * 2 ** 20)
      .describe('Largest video that a caller may send to edit, to extend, or to make a character from.'),
    FILE_STORAGE_MAX_BYTES: variable
      .bytes()
      .default(10 * 2 ** 30)
      .describe('What the files that one team keeps here (`/v1/files`) may take up in the object store.'),
    SPOOL_DIRECTORY: variable
      .text()
      .optional()
      .describe('Directory for uploads while their requests last. Unset: a fresh one for temporary files.'),
    DISK_RESERVE: variable
      .bytes()
      .default(512 * 2 ** 20)
      .describe(
        'What has to be free where uploads are spooled, and where videos are kept in a directory. With less, nothing new is taken, and what is there can still be read.',
      ),
    OIDC_ISSUER: variable
      .url('http', 'https')
      .optional()
      .describe('Issuer of the OpenID Connect provider with which people sign in to the dashboard.'),
    OIDC_CLIENT_ID: variable.text().optional().describe('The client that the provider knows Reelgate as.'),
    OIDC_CLIENT_SECRET: variable
      .secret()
      .optional()
      .describe('Secret of that client. Its redirect URI is PUBLIC_URL with `/auth/callback/oidc`.'),
    OIDC_NAME: variable
      .text()
      .default('single sign-on')
      .describe('What the button on the sign-in page says.'),
    OIDC_SCOPES: variable.text().default('openid email profile').describe('Scopes to ask for.'),
    DASHBOARD_DIRECTORY: variable
      .text()
      .optional()
      .describe('Where the built dashboard is. Unset: where `npm run build` puts it.'),
    CONTENT_REDIRECT: variable
      .boolean()
      .default(false)
      .describe(
        'Answer downloads with a redirect to a link into the object store that is good for five minutes.',
      ),
    IDLE_TIMEOUT: variable
      .durationMs()
      .default(120_000)
      .describe(
        'A connection on which nothing moves for this long is closed, also in the middle of a download.',
      ),
    KEEP_ALIVE_TIMEOUT: variable
      .durationMs()
      .default(75_000)
      .describe(
        'How long an idle connection is kept; longer than the idle time of the load balancer in front.',
      ),
    SHUTDOWN_DELAY: variable
      .durationMs()
      .default(0)
      .describe('How long to be not ready before the listener closes, so that load balancers notice.'),
  })
  .superRefine(checkObjectStoreChoice)
  .superRefine((env, context) => {
    const given = [env.OIDC_ISSUER, env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET].filter(
      (value) => value !== undefined,
    );
    if (given.length === 0 || given.length === 3) return;
    context.addIssue({
      code: 'custom',
      path: ['OIDC_ISSUER'],
      message: 'must be set together with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
    });
  });

/** The identity provider; null where none is set up. */
export function oidcSettings(env: z.output<typeof environmentSchema>) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  return { issuer, clientId, clientSecret, name: env.OIDC_NAME, scopes: env.OIDC_SCOPES.split(/\s+/) };
}
