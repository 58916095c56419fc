import { type Database, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { announceChange } from '../keys/index.ts';
import { changeTeam, type TeamRow } from './queries.ts';

/** What administrators decide of a team. */
export interface TeamSettings {
  /** Switched off: none of its keys is accepted. What it has stays, and what is under way goes on. */
  readonly disabled: boolean;
  /** Of all its keys together; null: as many as they like. */
  readonly requestsPerMinute: number | null;
}

/** Changes what is given, in force at once on every gateway. Throws `team_not_found` and `invalid_value`. */
export async function updateTeam(
  ctx: { db: Database },
  id: string,
  changes: Partial<TeamSettings>,
): Promise<TeamRow> {
  const { requestsPerMinute: limit } = changes;
  if (limit != null && !(Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)) {
    throw new ReelgateError('invalid_value', 'Requests per minute are a whole number from 1 to 1000000.', {
      param: 'requests_per_minute',
    });
  }
  return await transaction(ctx.db, async (tx) => {
    const row = await changeTeam(tx, id, changes);
    if (!row)
      throw new ReelgateError('team_not_found', `Team with id '${id}' not found.`, { param: 'team_id' });
    await announceChange(tx, id);
    return row;
  });
}
