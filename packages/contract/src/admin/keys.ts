/** API keys of teams, and the keys of this API. */
import { z } from 'zod';
import { SCOPES, type Scope } from '../scopes.ts';
import { ADMIN_ROLES, type AdminOperations } from './operation.ts';
import { reasonBodySchema } from './teams.ts';
import {
  amountOfMoneySchema,
  brakePullerSchema,
  givenTimeSchema,
  idSchema,
  listed,
  named,
  nameOfSchema,
  nameSchema,
  pageOf,
  pageQuery,
  timeSchema,
  versionSchema,
} from './wire.ts';

const KEY_KINDS = ['live', 'test'] as const;
const KEY_STATES = ['active', 'paused', 'revoked', 'expired'] as const;

const scopeSchema = z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]);

const apiKeySchema = named(
  'ApiKey',
  z
    .object({
      id: z.string(),
      object: z.literal('api_key'),
      team: nameOfSchema,
      name: z.string(),
      prefix: z.string().describe('The public beginning of the key.'),
      kind: z.enum(KEY_KINDS).describe('A test key reaches the simulator, at no price.'),
      scopes: z.array(scopeSchema).describe('What it may do.'),
      allowed_models: z.array(z.string()).nullable().describe('Null: all.'),
      requests_per_minute: z.int().nullable(),
      state: z.enum(KEY_STATES),
      paused_reason: z.string().nullable(),
      paused_by: brakePullerSchema.nullable(),
      expires_at: timeSchema.nullable(),
      revoked_at: timeSchema.nullable(),
      last_used_at: timeSchema.nullable(),
      created_at: timeSchema,
      previous_secret_expires_at: timeSchema
        .nullable()
        .describe('Until when the secret from before the last rotation works, too.'),
      spend_this_month_micro_usd: amountOfMoneySchema,
      version: z.int(),
    })
    .meta({
      description: 'A key; never its secret.',
      examples: [
        {
          id: 'key_0f7c2b7a9e8f4163a7b2c3d4e5f60718',
          object: 'api_key',
          team: { id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' },
          name: 'render farm',
          prefix: 'rg_live_4fA9xQ2b',
          kind: 'live',
          scopes: ['videos:read', 'videos:write'],
          allowed_models: null,
          requests_per_minute: null,
          state: 'active',
          paused_reason: null,
          paused_by: null,
          expires_at: null,
          revoked_at: null,
          last_used_at: null,
          created_at: '2026-11-02T09:30:00.000Z',
          previous_secret_expires_at: null,
          spend_this_month_micro_usd: '0',
          version: 1,
        },
      ],
    }),
);
export type ApiKey = z.infer<typeof apiKeySchema>;

const createdApiKeySchema = named(
  'CreatedApiKey',
  apiKeySchema.extend({ secret: z.string().describe('The key itself. Shown only now.') }),
);

const settings = {
  name: nameSchema,
  scopes: z.array(scopeSchema).min(1).max(20),
  allowed_models: z.array(z.string().min(1).max(100)).min(1).max(100).nullable(),
  requests_per_minute: z.int().min(1).max(1_000_000).nullable(),
  expires_at: givenTimeSchema.nullable(),
};

const createApiKeySchema = named(
  'CreateApiKey',
  z
    .strictObject({
      team_id: idSchema,
      name: settings.name,
      kind: z.enum(KEY_KINDS).default('live'),
      scopes: settings.scopes.optional().describe('All that a team may, where absent.'),
      allowed_models: settings.allowed_models.optional(),
      requests_per_minute: settings.requests_per_minute.optional(),
      expires_at: settings.expires_at.optional(),
    })
    .meta({ examples: [{ team_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'render farm' }] }),
);

const updateApiKeySchema = named(
  'UpdateApiKey',
  z
    .strictObject({
      name: settings.name.optional(),
      scopes: settings.scopes.optional(),
      allowed_models: settings.allowed_models.optional(),
      requests_per_minute: settings.requests_per_minute.optional(),
      expires_at: settings.expires_at.optional(),
      version: versionSchema.optional(),
    })
    .meta({ examples: [{ requests_per_minute: 60 }] }),
);

const rotateApiKeySchema = named(
  'RotateApiKey',
  z
    .strictObject({
      overlap_seconds: z
        .int()
        .min(0)
        .max(2_592_000)
        .default(86_400)
        .describe('How long the old secret still works.'),
    })
    .meta({ examples: [{ overlap_seconds: 86_400 }] }),
);

const adminKeySchema = named(
  'AdminKey',
  z
    .object({
      id: z.string(),
      object: z.literal('admin_key'),
      name: z.string(),
      prefix: z.string(),
      role: z.enum(ADMIN_ROLES),
      teams: z.array(nameOfSchema).describe('Of a manager or member.'),
      state: z.enum(['active', 'revoked', 'expired']),
      expires_at: timeSchema.nullable(),
      revoked_at: timeSchema.nullable(),
      last_used_at: timeSchema.nullable(),
      created_at: timeSchema,
    })
    .meta({ description: 'A key of the Admin API; never its secret.' }),
);
export type AdminKey = z.infer<typeof adminKeySchema>;

const createdAdminKeySchema = named(
  'CreatedAdminKey',
  adminKeySchema.extend({ secret: z.string().describe('The key itself. Shown only now.') }),
);

const createAdminKeySchema = named(
  'CreateAdminKey',
  z
    .strictObject({
      name: nameSchema,
      role: z.enum(ADMIN_ROLES).default('admin'),
      team_ids: z.array(idSchema).max(100).default([]).describe('Of a manager or member.'),
      expires_at: givenTimeSchema.nullable().optional(),
    })
    .meta({ examples: [{ name: 'terraform', role: 'admin' }] }),
);

export const keyOperations = {
  listKeys: {
    method: 'get',
    path: '/keys',
    tag: 'Keys',
    summary: 'List API keys',
    role: 'member',
    query: z.object({
      ...pageQuery,
      team_id: idSchema.optional(),
      kind: z.enum(KEY_KINDS).optional(),
      state: listed(z.enum(KEY_STATES)).optional(),
      q: z.string().max(100).optional().describe('Part of the name or of the prefix.'),
    }),
    answer: { json: pageOf('ApiKeyList', apiKeySchema) },
  },
  createKey: {
    method: 'post',
    path: '/keys',
    tag: 'Keys',
    summary: 'Create an API key',
    description: 'The secret is in this answer and nowhere else, ever.',
    role: 'manager',
    recentSignIn: true,
    body: createApiKeySchema,
    answer: { json: createdApiKeySchema },
  },
  getKey: {
    method: 'get',
    path: '/keys/{key_id}',
    tag: 'Keys',
    summary: 'Retrieve an API key',
    role: 'member',
    answer: { json: apiKeySchema },
  },
  updateKey: {
    method: 'patch',
    path: '/keys/{key_id}',
    tag: 'Keys',
    summary: 'Change an API key',
    role: 'manager',
    recentSignIn: true,
    body: updateApiKeySchema,
    answer: { json: apiKeySchema },
  },
  rotateKey: {
    method: 'post',
    path: '/keys/{key_id}/rotate',
    tag: 'Keys',
    summary: 'Rotate an API key',
    description:
      'Gives the key a new secret. The old one works until the overlap is over. Rights, limits, quota and usage stay with the key.',
    role: 'manager',
    recentSignIn: true,
    body: rotateApiKeySchema,
    answer: { json: createdApiKeySchema },
  },
  revokeKey: {
    method: 'post',
    path: '/keys/{key_id}/revoke',
    tag: 'Keys',
    summary: 'Revoke an API key',
    description: 'Refused on every gateway at once, at latest within five seconds. It cannot be undone.',
    role: 'manager',
    answer: { json: apiKeySchema },
  },
  pauseKey: {
    method: 'post',
    path: '/keys/{key_id}/pause',
    tag: 'Keys',
    summary: 'Pause an API key',
    description: 'It makes no new videos until it is resumed. Everything else goes on.',
    role: 'manager',
    body: reasonBodySchema,
    answer: { json: apiKeySchema },
  },
  resumeKey: {
    method: 'post',
    path: '/keys/{key_id}/resume',
    tag: 'Keys',
    summary: 'Let a paused API key go on',
    role: 'manager',
    answer: { json: apiKeySchema },
  },
  listAdminKeys: {
    method: 'get',
    path: '/admin-keys',
    tag: 'Keys',
    summary: 'List the keys of this API',
    role: 'admin',
    query: z.object(pageQuery),
    answer: { json: pageOf('AdminKeyList', adminKeySchema) },
  },
  createAdminKey: {
    method: 'post',
    path: '/admin-keys',
    tag: 'Keys',
    summary: 'Create a key of this API',
    role: 'admin',
    recentSignIn: true,
    body: createAdminKeySchema,
    answer: { json: createdAdminKeySchema },
  },
  revokeAdminKey: {
    method: 'post',
    path: '/admin-keys/{admin_key_id}/revoke',
    tag: 'Keys',
    summary: 'Revoke a key of this API',
    role: 'admin',
    answer: { json: adminKeySchema },
  },
} as const satisfies AdminOperations;
