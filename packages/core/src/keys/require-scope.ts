import type { Scope } from '@reelgate/contract';
import type { Principal } from '../context.ts';
import { ReelgateError } from '../errors.ts';

/** Throws `missing_scope`. */
export function requireScope(principal: Pick<Principal, 'scopes'>, scope: Scope | null): void {
  if (scope === null || principal.scopes === null || principal.scopes.includes(scope)) return;
  throw new ReelgateError(
    'missing_scope',
    `This API key lacks the scope '${scope}'. Ask an administrator of Reelgate for a key that has it.`,
  );
}
