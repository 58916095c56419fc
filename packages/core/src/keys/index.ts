export { createKeyAuthenticator, type KeyAuthenticator } from './authenticate-key.ts';
export { createKey, type KeyWithSecret } from './create-key.ts';
export { getKey } from './get-key.ts';
export type { KeyKind } from './key-format.ts';
export type { GivenSettings, KeySettings } from './key-settings.ts';
export { createGuessLimiter, type GuessLimiter } from './limit-guesses.ts';
export {
  createRequestLimiter,
  type LimitedRequest,
  type RequestLimit,
  type RequestLimiter,
} from './limit-requests.ts';
export { listKeys } from './list-keys.ts';
export { createMemoryCounter } from './memory-counter.ts';
export { announceChange, type KeyFilter, type KeyScope, type KeyState, type KeyView } from './queries.ts';
export { requireScope } from './require-scope.ts';
export { revokeKey } from './revoke-key.ts';
export { rotateKey } from './rotate-key.ts';
export { updateKey } from './update-key.ts';
