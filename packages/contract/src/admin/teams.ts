/** Teams own videos, keys and quotas. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import {
  amountOfMoneySchema,
  brakePullerSchema,
  doneSchema,
  idSchema,
  named,
  nameOfSchema,
  nameSchema,
  pageOf,
  pageQuery,
  quantitySchema,
  reasonSchema,
  timeSchema,
  versionSchema,
} from './wire.ts';

/** What a quota for cost has seen in its open period, and where that leads. */
const budgetSchema = named(
  'Budget',
  z.object({
    quota_id: z.string(),
    window: z.string(),
    time_zone: z.string(),
    limit_micro_usd: amountOfMoneySchema.nullable().describe('Null where it only counts.'),
    used_micro_usd: amountOfMoneySchema.describe('Settled.'),
    reserved_micro_usd: amountOfMoneySchema.describe('Taken by videos that are under way.'),
    left_micro_usd: amountOfMoneySchema.nullable(),
    burn_per_day_micro_usd: amountOfMoneySchema.describe('Over the last seven days.'),
    runs_out_at: timeSchema.nullable().describe('At that rate, where that is before the reset.'),
    resets_at: timeSchema.nullable(),
  }),
);

const TEAM_STATES = ['active', 'frozen', 'disabled'] as const;

const teamSchema = named(
  'Team',
  z
    .object({
      id: z.string(),
      object: z.literal('team'),
      name: z.string(),
      state: z
        .enum(TEAM_STATES)
        .describe(
          'A frozen team makes no new videos; the keys of a disabled one are refused. What is under way goes on.',
        ),
      disabled_at: timeSchema.nullable(),
      requests_per_minute: z.int().nullable().describe('Of all its keys together.'),
      webhook_hosts: z
        .array(z.string())
        .describe('That the `webhook_url` of a single video may name; `*.` stands for every name below.'),
      webhook_secret_hint: z
        .string()
        .nullable()
        .describe('Of the secret that signs what is posted there; null where there is none yet.'),
      frozen_at: timeSchema.nullable(),
      frozen_reason: z.string().nullable(),
      frozen_by: brakePullerSchema.nullable(),
      created_at: timeSchema,
      version: z.int(),
      keys: z.int().describe('That can be used.'),
      members: z.int(),
      active_videos: z.int().describe('Under way now.'),
      concurrency_limit: quantitySchema.nullable(),
      budget: budgetSchema
        .nullable()
        .describe('The quota for cost over the month; null where there is none.'),
    })
    .meta({
      description: 'A team.',
      examples: [
        {
          id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          object: 'team',
          name: 'films',
          state: 'active',
          disabled_at: null,
          requests_per_minute: null,
          webhook_hosts: ['hooks.example.com', '*.films.example.com'],
          webhook_secret_hint: 'whsec_...q4E=',
          frozen_at: null,
          frozen_reason: null,
          frozen_by: null,
          created_at: '2026-11-02T09:30:00.000Z',
          version: 1,
          keys: 2,
          members: 4,
          active_videos: 3,
          concurrency_limit: '10',
          budget: {
            quota_id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
            window: 'month',
            time_zone: 'Europe/Berlin',
            limit_micro_usd: '250000000',
            used_micro_usd: '112400000',
            reserved_micro_usd: '2400000',
            left_micro_usd: '135200000',
            burn_per_day_micro_usd: '5100000',
            runs_out_at: null,
            resets_at: '2026-11-30T23:00:00.000Z',
          },
        },
      ],
    }),
);
export type Team = z.infer<typeof teamSchema>;

const createTeamSchema = named(
  'CreateTeam',
  z.strictObject({ name: nameSchema }).meta({ description: 'A new team.', examples: [{ name: 'trailers' }] }),
);

const updateTeamSchema = named(
  'UpdateTeam',
  z
    .strictObject({
      name: nameSchema.optional(),
      disabled: z.boolean().optional(),
      requests_per_minute: z.int().min(1).max(1_000_000).nullable().optional(),
      webhook_hosts: z
        .array(z.string().min(1).max(253))
        .max(50)
        .optional()
        .describe('Hosts such as `hooks.example.com` or `*.example.com`; none forbids `webhook_url`.'),
      version: versionSchema.optional(),
    })
    .meta({ description: 'What changes of a team.', examples: [{ name: 'trailers and teasers' }] }),
);

export const reasonBodySchema = named(
  'Reason',
  z.strictObject({ reason: reasonSchema }).meta({ examples: [{ reason: 'Launch week of the campaign' }] }),
);

const retentionSchema = named(
  'Retention',
  z
    .object({
      object: z.literal('retention'),
      team: nameOfSchema,
      days: z.int().nullable().describe('After so many days a finished video is deleted. Null: never.'),
      updated_at: timeSchema.nullable(),
    })
    .meta({
      description: 'For how long a team keeps its finished videos. Videos on hold are kept all the same.',
      examples: [
        {
          object: 'retention',
          team: { id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' },
          days: 90,
          updated_at: '2026-11-02T09:30:00.000Z',
        },
      ],
    }),
);
export type Retention = z.infer<typeof retentionSchema>;

const setRetentionSchema = named(
  'SetRetention',
  z
    .strictObject({ days: z.int().min(1).max(36_500).nullable() })
    .meta({ description: 'Null: for ever.', examples: [{ days: 90 }] }),
);

const memberSchema = named(
  'Member',
  z.object({
    object: z.literal('member'),
    user_id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(['member', 'manager', 'admin']),
    added_at: timeSchema,
  }),
);

const addMemberSchema = named(
  'AddMember',
  z
    .strictObject({ user_id: idSchema })
    .meta({ examples: [{ user_id: 'user_5d0c2b7a9e8f4163a7b2c3d4e5f60718' }] }),
);

export const teamOperations = {
  listTeams: {
    method: 'get',
    path: '/teams',
    tag: 'Teams',
    summary: 'List teams',
    description: 'By name. With what each has spent, reserved and left of its budget for the month.',
    role: 'member',
    query: z.object({
      ...pageQuery,
      q: z.string().max(100).optional().describe('Part of the name.'),
      state: z.enum(TEAM_STATES).optional(),
    }),
    answer: { json: pageOf('TeamList', teamSchema) },
  },
  createTeam: {
    method: 'post',
    path: '/teams',
    tag: 'Teams',
    summary: 'Create a team',
    role: 'admin',
    body: createTeamSchema,
    answer: { json: teamSchema },
  },
  getTeam: {
    method: 'get',
    path: '/teams/{team_id}',
    tag: 'Teams',
    summary: 'Retrieve a team',
    role: 'member',
    answer: { json: teamSchema },
  },
  updateTeam: {
    method: 'patch',
    path: '/teams/{team_id}',
    tag: 'Teams',
    summary: 'Change a team',
    role: 'manager',
    body: updateTeamSchema,
    answer: { json: teamSchema },
  },
  freezeTeam: {
    method: 'post',
    path: '/teams/{team_id}/freeze',
    tag: 'Teams',
    summary: 'Freeze a team',
    description: 'It makes no new videos until it is unfrozen. What an upstream has taken goes on.',
    role: 'manager',
    body: reasonBodySchema,
    answer: { json: teamSchema },
  },
  unfreezeTeam: {
    method: 'post',
    path: '/teams/{team_id}/unfreeze',
    tag: 'Teams',
    summary: 'Unfreeze a team',
    role: 'manager',
    answer: { json: teamSchema },
  },
  getRetention: {
    method: 'get',
    path: '/teams/{team_id}/retention',
    tag: 'Teams',
    summary: 'Retrieve how long a team keeps its videos',
    role: 'member',
    answer: { json: retentionSchema },
  },
  setRetention: {
    method: 'put',
    path: '/teams/{team_id}/retention',
    tag: 'Teams',
    summary: 'Set how long a team keeps its videos',
    description: 'In force within minutes, also for what is older already.',
    role: 'manager',
    body: setRetentionSchema,
    answer: { json: retentionSchema },
  },
  listTeamMembers: {
    method: 'get',
    path: '/teams/{team_id}/members',
    tag: 'Teams',
    summary: 'List the members of a team',
    role: 'member',
    answer: { json: pageOf('MemberList', memberSchema) },
  },
  addTeamMember: {
    method: 'post',
    path: '/teams/{team_id}/members',
    tag: 'Teams',
    summary: 'Add a member',
    role: 'manager',
    body: addMemberSchema,
    answer: { json: memberSchema },
  },
  removeTeamMember: {
    method: 'delete',
    path: '/teams/{team_id}/members/{user_id}',
    tag: 'Teams',
    summary: 'Remove a member',
    role: 'manager',
    answer: { json: doneSchema },
  },
} as const satisfies AdminOperations;
