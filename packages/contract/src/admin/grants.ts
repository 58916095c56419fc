/** What raises a limit for a time, and who asks for more. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { QUOTA_METRICS, scopeSchema } from './quotas.ts';
import {
  givenTimeSchema,
  idSchema,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  quantitySchema,
  reasonSchema,
  timeSchema,
} from './wire.ts';

const grantSchema = named(
  'Grant',
  z
    .object({
      id: z.string(),
      object: z.literal('grant'),
      quota_id: z.string(),
      scope: scopeSchema,
      metric: z.enum(QUOTA_METRICS),
      amount: quantitySchema,
      reason: z.string(),
      state: z.enum(['active', 'ended']),
      starts_at: timeSchema,
      ends_at: timeSchema,
      created_by: nameOfSchema,
      created_at: timeSchema,
    })
    .meta({ description: 'More of a quota for a time. It ends by itself.' }),
);
export type Grant = z.infer<typeof grantSchema>;

const createGrantSchema = named(
  'CreateGrant',
  z
    .strictObject({
      quota_id: idSchema,
      amount: quantitySchema,
      reason: reasonSchema,
      ends_at: givenTimeSchema.optional().describe('The end of the open period, where absent.'),
    })
    .meta({
      examples: [
        { quota_id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819', amount: '50000000', reason: 'Launch week' },
      ],
    }),
);

const BUDGET_REQUEST_STATES = ['open', 'approved', 'denied', 'withdrawn'] as const;

const budgetRequestSchema = named(
  'BudgetRequest',
  z
    .object({
      id: z.string(),
      object: z.literal('budget_request'),
      team: nameOfSchema,
      quota_id: z.string(),
      metric: z.enum(QUOTA_METRICS),
      amount: quantitySchema,
      reason: z.string(),
      state: z.enum(BUDGET_REQUEST_STATES),
      requested_by: nameOfSchema,
      created_at: timeSchema,
      decided_by: nameOfSchema.nullable(),
      decided_at: timeSchema.nullable(),
      note: z.string().nullable(),
      grant_id: z.string().nullable(),
    })
    .meta({ description: 'A team asks for more.' }),
);
export type BudgetRequest = z.infer<typeof budgetRequestSchema>;

const createBudgetRequestSchema = named(
  'CreateBudgetRequest',
  z.strictObject({ quota_id: idSchema, amount: quantitySchema, reason: reasonSchema }).meta({
    examples: [
      {
        quota_id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
        amount: '50000000',
        reason: 'Two more trailers this month',
      },
    ],
  }),
);

const approveBudgetRequestSchema = named(
  'ApproveBudgetRequest',
  z
    .strictObject({
      amount: quantitySchema.optional().describe('Another amount than was asked for.'),
      ends_at: givenTimeSchema.optional(),
      note: reasonSchema.optional(),
    })
    .meta({ examples: [{ note: 'For this month' }] }),
);

const denyBudgetRequestSchema = named(
  'DenyBudgetRequest',
  z.strictObject({ note: reasonSchema }).meta({ examples: [{ note: 'Not before December' }] }),
);

export const grantOperations = {
  listGrants: {
    method: 'get',
    path: '/grants',
    tag: 'Quotas',
    summary: 'List grants',
    role: 'member',
    query: z.object({
      ...pageQuery,
      quota_id: idSchema.optional(),
      team_id: idSchema.optional(),
      state: z.enum(['active', 'ended']).optional(),
    }),
    answer: { json: pageOf('GrantList', grantSchema) },
  },
  createGrant: {
    method: 'post',
    path: '/grants',
    tag: 'Quotas',
    summary: 'Grant more for a time',
    role: 'admin',
    recentSignIn: true,
    body: createGrantSchema,
    answer: { json: grantSchema },
  },
  endGrant: {
    method: 'post',
    path: '/grants/{grant_id}/end',
    tag: 'Quotas',
    summary: 'End a grant',
    role: 'admin',
    answer: { json: grantSchema },
  },
  listBudgetRequests: {
    method: 'get',
    path: '/budget-requests',
    tag: 'Quotas',
    summary: 'List requests for more',
    role: 'member',
    query: z.object({
      ...pageQuery,
      team_id: idSchema.optional(),
      state: z.enum(BUDGET_REQUEST_STATES).optional(),
    }),
    answer: { json: pageOf('BudgetRequestList', budgetRequestSchema) },
  },
  createBudgetRequest: {
    method: 'post',
    path: '/budget-requests',
    tag: 'Quotas',
    summary: 'Ask for more',
    role: 'member',
    body: createBudgetRequestSchema,
    answer: { json: budgetRequestSchema },
  },
  approveBudgetRequest: {
    method: 'post',
    path: '/budget-requests/{budget_request_id}/approve',
    tag: 'Quotas',
    summary: 'Approve a request',
    description: 'Makes the grant.',
    role: 'admin',
    recentSignIn: true,
    body: approveBudgetRequestSchema,
    answer: { json: budgetRequestSchema },
  },
  denyBudgetRequest: {
    method: 'post',
    path: '/budget-requests/{budget_request_id}/deny',
    tag: 'Quotas',
    summary: 'Deny a request',
    role: 'admin',
    body: denyBudgetRequestSchema,
    answer: { json: budgetRequestSchema },
  },
  withdrawBudgetRequest: {
    method: 'post',
    path: '/budget-requests/{budget_request_id}/withdraw',
    tag: 'Quotas',
    summary: 'Withdraw a request',
    role: 'member',
    answer: { json: budgetRequestSchema },
  },
} as const satisfies AdminOperations;
