import type { TokenVerifier } from '@reelgate/core/ports';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

/** Never `none`, and never a secret that both sides know: the issuer's public keys are no secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const FETCH_MS = 3_000;
/** A token with a key that nobody knows makes us ask the issuer again, but not more often than this, in ms. */
const ASK_AGAIN_MS = 30_000;
const CLOCK_TOLERANCE_SECONDS = 5;

export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Where its public keys are. */
  readonly jwksUrl: string;
  /** The claim that names the team. */
  readonly teamClaim: string;
}

/** Tokens (JWT) of a company's sign-in, checked with the public keys of its issuer, which are asked for when they are needed. */
export function createTokenVerifier(settings: TokenIssuer): TokenVerifier {
  const { issuer, audience, jwksUrl, teamClaim } = settings;
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: ASK_AGAIN_MS,
  });
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        });
        const team = payload[teamClaim];
        if (!payload.sub || !payload.exp) return null;
        return {
          issuer,
          subject: payload.sub,
          team: typeof team === 'string' ? team : null,
          expiresInMs: (payload.exp + CLOCK_TOLERANCE_SECONDS) * 1_000 - Date.now(),
        };
      } catch (error) {
        if (isAway(error)) throw error;
        return null;
      }
    },
  };
}

/** The issuer did not answer, or not with its keys: that says nothing of the token. */
function isAway(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
