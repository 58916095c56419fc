import { newId } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findOpenModel } from '../models/index.ts';
import type { UpstreamFile } from '../ports/index.ts';
import { refusedByUpstream } from '../refused-by-upstream.ts';
import { type CharacterRow, insertCharacter } from './queries.ts';

export type CharacterView = Pick<CharacterRow, 'id' | 'name' | 'createdAt'>;

/**
 * Makes a character at the upstream of `model` from a short video. Throws `unsupported_operation` where that upstream knows no
 * characters, `upstream_refused` where it says no, and `service_unavailable` where its answer did not come.
 */
export async function createCharacter(
  ctx: CallerContext,
  input: { model: string; name: string; video: UpstreamFile },
): Promise<CharacterView> {
  const { model } = await findOpenModel(ctx, input.model);
  const upstream = ctx.ports.upstreams(model.upstreamAccountId);
  if (!upstream?.capabilities.characters) {
    throw new ReelgateError(
      'unsupported_operation',
      `Characters are not available for the model '${input.model}'.`,
    );
  }
  const result = await upstream.createCharacter({ name: input.name, video: input.video });
  if (result.kind === 'created') {
    return await insertCharacter(ctx.db, ctx.principal.teamId, {
      id: newId('character'),
      name: input.name,
      upstreamAccountId: model.upstreamAccountId,
      upstreamCharacterId: result.id,
    });
  }
  if (result.kind === 'refused' && result.retry === 'never') {
    throw refusedByUpstream(result.error);
  }
  ctx.log.warn('character.not_created', {
    upstream: upstream.accountId,
    outcome: result.kind,
    errorCode: result.error.code,
  });
  throw new ReelgateError(
    'service_unavailable',
    'The upstream could not make the character. Please try again later.',
    { retryAfterSeconds: 10, perhapsDone: result.kind === 'unknown' },
  );
}
