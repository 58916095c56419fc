import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { checkVersion, ReelgateError } from '../errors.ts';
import { announceChange } from '../keys/index.ts';
import { nameTaken } from './create-team.ts';
import { teamNotFound } from './get-team.ts';
import { changeTeam, findTeamByName, lockTeam, type TeamRow } from './queries.ts';
import { normalizeWebhookHosts } from './webhook-hosts.ts';

/** What administrators decide of a team. */
export interface TeamSettings {
  readonly name: string;
  /** Switched off: none of its keys is accepted. What it has stays, and what is under way goes on. */
  readonly disabled: boolean;
  /** Of all its keys together; null: as many as they like. */
  readonly requestsPerMinute: number | null;
  /** That the `webhook_url` of a single video may name; none: it may name none. */
  readonly webhookHosts: readonly string[];
}

type Changes = { readonly [Setting in keyof TeamSettings]?: TeamSettings[Setting] | undefined };

/** Changes what is given, in force at once on every gateway. Throws `team_not_found`, `version_conflict` and `invalid_value`. */
export async function updateTeam(
  ctx: { db: Database; scope?: TeamScope; actor?: Actor },
  id: string,
  { version, ...changes }: Changes & { readonly version?: number | undefined },
): Promise<TeamRow> {
  const { requestsPerMinute: limit } = changes;
  if (limit != null && !(Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)) {
    throw new ReelgateError('invalid_value', 'Requests per minute are a whole number from 1 to 1000000.', {
      param: 'requests_per_minute',
    });
  }
  const webhookHosts = changes.webhookHosts && normalizeWebhookHosts(changes.webhookHosts);
  return await transaction(ctx.db, async (tx) => {
    const before = await lockTeam(tx, ctx.scope ?? 'all', id);
    if (!before) throw teamNotFound(id);
    checkVersion(before.version, version);
    if (changes.name !== undefined && changes.name !== before.name) {
      if (await findTeamByName(tx, changes.name)) throw nameTaken(changes.name);
    }
    const after = await changeTeam(tx, id, { ...changes, webhookHosts });
    if (!after) throw teamNotFound(id);
    await announceChange(tx, id);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'team.update',
      target: id,
      teamId: id,
      before: settingsOf(before),
      after: settingsOf(after),
    });
    return after;
  });
}

function settingsOf({ name, disabledAt, requestsPerMinute, webhookHosts }: TeamRow): Record<string, unknown> {
  return { name, disabledAt, requestsPerMinute, webhookHosts };
}
