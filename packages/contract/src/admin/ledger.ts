/** The books behind the quotas. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { QUOTA_METRICS, QUOTA_SCOPES } from './quotas.ts';
import { givenTimeSchema, idSchema, listed, named, pageOf, pageQuery, timeSchema } from './wire.ts';

const LEDGER_KINDS = ['reserve', 'settle', 'release', 'overrun', 'adjust', 'grant'] as const;

const deltaSchema = z
  .string()
  .regex(/^-?\d{1,18}$/)
  .describe('Millionths of a US dollar for `cost`, else seconds or videos.');

export const ledgerEntrySchema = named(
  'LedgerEntry',
  z
    .object({
      id: z.string(),
      object: z.literal('ledger_entry'),
      at: timeSchema,
      kind: z.enum(LEDGER_KINDS),
      quota_id: z.string(),
      scope_kind: z.enum(QUOTA_SCOPES),
      scope_id: z.string(),
      metric: z.enum(QUOTA_METRICS),
      period_start: timeSchema,
      video_id: z.string().nullable(),
      reserved_delta: deltaSchema,
      settled_delta: deltaSchema,
      actor: z.string().nullable(),
      reason: z.string().nullable(),
    })
    .meta({ description: 'One booking. It never changes.' }),
);
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

const filters = {
  team_id: idSchema.optional(),
  quota_id: idSchema.optional(),
  video_id: idSchema.optional(),
  metric: z.enum(QUOTA_METRICS).optional(),
  kind: listed(z.enum(LEDGER_KINDS)).optional(),
  from: givenTimeSchema.optional(),
  to: givenTimeSchema.optional(),
};

const ledgerCheckSchema = named(
  'LedgerCheck',
  z.object({
    object: z.literal('ledger_check'),
    checked_at: timeSchema,
    balances: z.int().describe('That were worked out again.'),
    agrees: z.boolean(),
    mismatches: z.array(z.string()).describe('The first hundred, in words.'),
    mismatches_in_all: z.int(),
    differs_since: timeSchema
      .nullable()
      .describe('When a check first found the books to differ, none since having found them to agree.'),
  }),
);
export type LedgerCheck = z.infer<typeof ledgerCheckSchema>;

const lastLedgerCheckSchema = named(
  'LastLedgerCheck',
  z.object({
    object: z.literal('last_ledger_check'),
    last: ledgerCheckSchema.nullable().describe('Null before the first.'),
  }),
);

export const ledgerOperations = {
  listLedger: {
    method: 'get',
    path: '/ledger',
    tag: 'Ledger',
    summary: 'List bookings',
    description: 'Newest first.',
    role: 'member',
    query: z.object({ ...pageQuery, ...filters }),
    answer: { json: pageOf('LedgerEntryList', ledgerEntrySchema) },
  },
  exportLedger: {
    method: 'get',
    path: '/ledger.csv',
    tag: 'Ledger',
    summary: 'Export bookings',
    role: 'member',
    query: z.object(filters),
    answer: { csv: ledgerEntrySchema },
  },
  getLedgerCheck: {
    method: 'get',
    path: '/ledger/check',
    tag: 'Ledger',
    summary: 'Get what the last check of the balances found',
    description: 'A worker checks them every hour.',
    role: 'admin',
    answer: { json: lastLedgerCheckSchema },
  },
  checkLedger: {
    method: 'post',
    path: '/ledger/check',
    tag: 'Ledger',
    summary: 'Work every balance out again',
    role: 'admin',
    reads: true,
    answer: { json: ledgerCheckSchema },
  },
} as const satisfies AdminOperations;
