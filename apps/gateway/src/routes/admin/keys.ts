import { SCOPES, type Scope } from '@reelgate/contract';
import type { AdminKey, ApiKey } from '@reelgate/contract/admin';
import {
  type AdminContext,
  createKey,
  getKey,
  type KeyView,
  listKeys,
  pullBrake,
  releaseBrake,
  revokeKey,
  rotateKey,
  updateKey,
} from '@reelgate/core';
import { money, page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

const SHOWN_PREFIX = { live: 'rg_live_', test: 'rg_test_', admin: 'rg_admin_' } as const;

export function createKeyHandlers({ pepper }: { readonly pepper: string }) {
  const secrets = (ctx: AdminContext) => ({ ...ctx, pepper });
  /** The admin keys. Only an admin gets here. */
  const deployment = (ctx: AdminContext) => ({ ...ctx, scope: 'deployment' as const });

  return {
    async listKeys({ ctx, query }) {
      const { team_id: teamId, kind, state: states, q: search } = query;
      const { keys, hasMore } = await listKeys(ctx, { teamId, kind, states, search }, pageRequest(query));
      return page(keys.map(serializeKey), hasMore);
    },
    async createKey({ ctx, body }) {
      const { id, secret } = await createKey(secrets(ctx), {
        ...settingsOf(body),
        name: body.name,
        teamId: body.team_id,
        kind: body.kind,
      });
      return { ...serializeKey(await getKey(ctx, id)), secret };
    },
    async getKey({ ctx, params }) {
      return serializeKey(await getKey(ctx, params.key_id));
    },
    async updateKey({ ctx, params, body }) {
      await updateKey(ctx, params.key_id, { ...settingsOf(body), version: body.version });
      return serializeKey(await getKey(ctx, params.key_id));
    },
    async rotateKey({ ctx, params, body }) {
      const { secret } = await rotateKey(secrets(ctx), params.key_id, body.overlap_seconds);
      return { ...serializeKey(await getKey(ctx, params.key_id)), secret };
    },
    async revokeKey({ ctx, params }) {
      await revokeKey(ctx, params.key_id);
      return serializeKey(await getKey(ctx, params.key_id));
    },
    async pauseKey({ ctx, params, body }) {
      await pullBrake(ctx, { scopeKind: 'key', scopeId: params.key_id }, body.reason);
      return serializeKey(await getKey(ctx, params.key_id));
    },
    async resumeKey({ ctx, params }) {
      await releaseBrake(ctx, { scopeKind: 'key', scopeId: params.key_id });
      return serializeKey(await getKey(ctx, params.key_id));
    },
    async listAdminKeys({ ctx, query }) {
      const { keys, hasMore } = await listKeys(deployment(ctx), {}, pageRequest(query));
      return page(keys.map(serializeAdminKey), hasMore);
    },
    async createAdminKey({ ctx, body }) {
      const { id, secret } = await createKey(secrets(ctx), {
        teamId: null,
        name: body.name,
        role: body.role,
        roleTeamIds: body.team_ids,
        expiresAt: dateOf(body.expires_at),
      });
      return { ...serializeAdminKey(await getKey(deployment(ctx), id)), secret };
    },
    async revokeAdminKey({ ctx, params }) {
      await revokeKey(deployment(ctx), params.admin_key_id);
      return serializeAdminKey(await getKey(deployment(ctx), params.admin_key_id));
    },
  } satisfies AdminHandlers;
}

function settingsOf(body: {
  name?: string | undefined;
  scopes?: Scope[] | undefined;
  allowed_models?: string[] | null | undefined;
  requests_per_minute?: number | null | undefined;
  expires_at?: string | null | undefined;
}) {
  return {
    name: body.name,
    scopes: body.scopes,
    models: body.allowed_models,
    requestsPerMinute: body.requests_per_minute,
    expiresAt: dateOf(body.expires_at),
  };
}

function dateOf(text: string | null | undefined): Date | null | undefined {
  return typeof text === 'string' ? new Date(text) : text;
}

function serializeKey(key: KeyView): ApiKey {
  return {
    id: key.id,
    object: 'api_key',
    team: { id: key.teamId ?? '', name: key.teamName ?? '' },
    name: key.name,
    prefix: `${SHOWN_PREFIX[key.kind]}${key.prefix}`,
    kind: key.kind === 'test' ? 'test' : 'live',
    scopes: (key.scopes ?? Object.keys(SCOPES)) as Scope[],
    allowed_models: key.models,
    requests_per_minute: key.requestsPerMinute,
    state: key.state,
    paused_reason: key.pausedReason,
    paused_by: key.pausedBy && { name: key.pausedBy.name, by_admin: key.pausedBy.byAdmin },
    expires_at: timeOrNull(key.expiresAt),
    revoked_at: timeOrNull(key.revokedAt),
    last_used_at: timeOrNull(key.lastUsedAt),
    created_at: time(key.createdAt),
    previous_secret_expires_at: timeOrNull(key.previousExpiresAt),
    spend_this_month_micro_usd: money(key.spentMicroUsd),
    version: key.version,
  };
}

function serializeAdminKey(key: KeyView): AdminKey {
  return {
    id: key.id,
    object: 'admin_key',
    name: key.name,
    prefix: `${SHOWN_PREFIX.admin}${key.prefix}`,
    role: key.role ?? 'admin',
    teams: [...key.roleTeams],
    // It makes no videos, so that nothing pauses it.
    state: key.state === 'paused' ? 'active' : key.state,
    expires_at: timeOrNull(key.expiresAt),
    revoked_at: timeOrNull(key.revokedAt),
    last_used_at: timeOrNull(key.lastUsedAt),
    created_at: time(key.createdAt),
  };
}
