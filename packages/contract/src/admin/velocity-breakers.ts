/** How fast a key may be before it is paused by itself. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { QUOTA_SCOPES } from './quotas.ts';
import {
  amountOfMoneySchema,
  doneSchema,
  idSchema,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  timeSchema,
} from './wire.ts';

const bounds = {
  videos_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .describe('In one minute of the clock. Null: as many as there may be.'),
  micro_usd_per_minute: amountOfMoneySchema
    .nullable()
    .describe('What they cost together, as it is reserved. Null: as much as there may be.'),
  times_normal: z
    .number()
    .gt(1)
    .max(10_000)
    .nullable()
    .describe(
      'So many times what the key makes in a minute on an average of the last seven days; never held against ten videos.',
    ),
};

const velocityBreakerSchema = named(
  'VelocityBreaker',
  z
    .object({
      id: z.string().describe('Of what it watches: `org`, a team or a key.'),
      object: z.literal('velocity_breaker'),
      scope: nameOfSchema.extend({ kind: z.enum(QUOTA_SCOPES) }),
      ...bounds,
      updated_by: z.string().nullable(),
      updated_at: timeSchema,
    })
    .meta({
      description:
        'Pauses a key that is faster than this. Of a key the nearest counts alone: its own, its team’s, the company’s.',
      examples: [
        {
          id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          object: 'velocity_breaker',
          scope: { kind: 'team', id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' },
          videos_per_minute: 30,
          micro_usd_per_minute: '50000000',
          times_normal: null,
          updated_by: 'key_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
          updated_at: '2026-11-02T09:30:00.000Z',
        },
      ],
    }),
);
export type VelocityBreaker = z.infer<typeof velocityBreakerSchema>;

const setVelocityBreakerSchema = named(
  'SetVelocityBreaker',
  z
    .strictObject({
      videos_per_minute: bounds.videos_per_minute.default(null),
      micro_usd_per_minute: bounds.micro_usd_per_minute
        .refine((text) => text === null || BigInt(text) > 0n, { error: 'expected more than nothing' })
        .default(null),
      times_normal: bounds.times_normal.default(null),
    })
    .meta({ examples: [{ videos_per_minute: 30, micro_usd_per_minute: '50000000' }] }),
);

export const velocityBreakerOperations = {
  listVelocityBreakers: {
    method: 'get',
    path: '/velocity-breakers',
    tag: 'Quotas',
    summary: 'List velocity breakers',
    role: 'member',
    query: z.object({
      ...pageQuery,
      team_id: idSchema.optional().describe("The team's own and those of its keys."),
    }),
    answer: { json: pageOf('VelocityBreakerList', velocityBreakerSchema) },
  },
  getVelocityBreaker: {
    method: 'get',
    path: '/velocity-breakers/{scope_id}',
    tag: 'Quotas',
    summary: 'Retrieve a velocity breaker',
    description: 'By the id of what it watches: `org`, a team or a key.',
    role: 'member',
    answer: { json: velocityBreakerSchema },
  },
  setVelocityBreaker: {
    method: 'put',
    path: '/velocity-breakers/{scope_id}',
    tag: 'Quotas',
    summary: 'Set a velocity breaker',
    description:
      'Replaces the one of `org`, a team or a key. What is left out bounds nothing; with no bound at all, its keys are not watched, whatever is set further out.',
    role: 'admin',
    recentSignIn: true,
    body: setVelocityBreakerSchema,
    answer: { json: velocityBreakerSchema },
  },
  deleteVelocityBreaker: {
    method: 'delete',
    path: '/velocity-breakers/{scope_id}',
    tag: 'Quotas',
    summary: 'Remove a velocity breaker',
    description: 'The next one further out counts again.',
    role: 'admin',
    recentSignIn: true,
    answer: { json: doneSchema },
  },
} as const satisfies AdminOperations;
