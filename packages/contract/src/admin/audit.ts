/** Who did what, before and after. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { givenTimeSchema, idSchema, listed, named, pageOf, pageQuery, timeSchema } from './wire.ts';

const ACTOR_KINDS = ['admin_key', 'user', 'api_key', 'cli', 'system'] as const;

const auditEntrySchema = named(
  'AuditEntry',
  z
    .object({
      id: z.string(),
      object: z.literal('audit_entry'),
      at: timeSchema,
      actor: z.object({ kind: z.enum(ACTOR_KINDS), id: z.string(), name: z.string() }),
      action: z.string().describe('`team.create`, `key.revoke` and so on.'),
      target: z.string().describe('The id of what was changed.'),
      target_name: z
        .string()
        .nullable()
        .describe('What a team, key or person is called today; null for anything else.'),
      team_id: z.string().nullable(),
      before: z.record(z.string(), z.unknown()).nullable(),
      after: z.record(z.string(), z.unknown()).nullable(),
      reason: z.string().nullable(),
      request_id: z.string().nullable(),
      ip: z.string().nullable(),
      hash: z.string().describe('Covers this row and the hash of the one before.'),
    })
    .meta({
      description: 'One change. It never changes itself.',
      examples: [
        {
          id: 'aud_42',
          object: 'audit_entry',
          at: '2026-11-02T09:30:00.000Z',
          actor: { kind: 'admin_key', id: 'akey_0f7c2b7a9e8f4163a7b2c3d4e5f60718', name: 'terraform' },
          action: 'team.update',
          target: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          target_name: 'films',
          team_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          before: { name: 'film' },
          after: { name: 'films' },
          reason: null,
          request_id: 'req_9b9d2f7c1e0a4856a7c4d5e6f7081923',
          ip: '10.0.0.7',
          hash: '6a1f0c5c9f6f0a7c1b1f6d6e5b6a7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7',
        },
      ],
    }),
);
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const filters = {
  actor_id: idSchema.optional(),
  actor_kind: z.enum(ACTOR_KINDS).optional(),
  action: listed(z.string().min(1).max(100)).optional(),
  target: idSchema.optional(),
  team_id: idSchema.optional(),
  request_id: idSchema.optional(),
  from: givenTimeSchema.optional(),
  to: givenTimeSchema.optional(),
};

const auditVerificationSchema = named(
  'AuditVerification',
  z.object({
    object: z.literal('audit_verification'),
    intact: z.boolean(),
    entries: z.int(),
    head: z
      .string()
      .nullable()
      .describe('The last hash. Keep it elsewhere to notice a log that was cut off.'),
    broken: z.array(z.object({ id: z.string(), why: z.string() })).describe('The first hundred.'),
  }),
);
export type AuditVerification = z.infer<typeof auditVerificationSchema>;

export const auditOperations = {
  listAudit: {
    method: 'get',
    path: '/audit',
    tag: 'Audit',
    summary: 'List changes',
    description: 'Newest first.',
    role: 'admin',
    query: z.object({ ...pageQuery, ...filters }),
    answer: { json: pageOf('AuditEntryList', auditEntrySchema) },
  },
  exportAudit: {
    method: 'get',
    path: '/audit.csv',
    tag: 'Audit',
    summary: 'Export changes',
    role: 'admin',
    query: z.object(filters),
    answer: { csv: auditEntrySchema },
  },
  verifyAudit: {
    method: 'post',
    path: '/audit/verify',
    tag: 'Audit',
    summary: 'Verify the chain',
    description: 'Works every hash out again.',
    role: 'admin',
    reads: true,
    answer: { json: auditVerificationSchema },
  },
} as const satisfies AdminOperations;
