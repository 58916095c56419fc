/** Videos of all teams: finding them. */
import { z } from 'zod';
import { metadataSchema, OPERATIONS, VARIANTS, VIDEO_STATUSES } from '../videos.ts';
import type { AdminOperations } from './operation.ts';
import {
  amountOfMoneySchema,
  booleanQuerySchema,
  givenTimeSchema,
  idSchema,
  listed,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  timeSchema,
} from './wire.ts';

/** Where a video is in truth; its owner sees the four statuses only. */
const ADMIN_VIDEO_STATES = [
  'accepted',
  'submitting',
  'unknown',
  'rendering',
  'archiving',
  'stored',
  'partly_stored',
  'content_lost',
  'failed',
  'purged',
] as const;

const COST_STATES = ['reserved', 'settled', 'released', 'parked', 'free'] as const;

export const adminVideoSchema = named(
  'AdminVideo',
  z
    .object({
      id: z.string(),
      object: z.literal('video'),
      team: nameOfSchema,
      key: nameOfSchema.extend({ prefix: z.string() }),
      operation: z.enum(OPERATIONS),
      parent_id: z.string().nullable(),
      root_id: z.string().describe('The first video of its lineage; its own id where it is that.'),
      model: z.string(),
      upstream_id: z.string(),
      status: z.enum(VIDEO_STATUSES).describe('What its owner sees.'),
      state: z.enum(ADMIN_VIDEO_STATES),
      progress: z.int(),
      prompt: z.string(),
      seconds: z.int(),
      billed_seconds: z.int(),
      size: z.string(),
      metadata: metadataSchema,
      cost: z.object({
        state: z.enum(COST_STATES),
        estimated_micro_usd: amountOfMoneySchema,
        reserved_micro_usd: amountOfMoneySchema.describe('Still held; 0 once it has ended.'),
        settled_micro_usd: amountOfMoneySchema.nullable(),
      }),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      at_risk: z
        .boolean()
        .describe('Finished at the upstream, not yet stored here, and it may be forgotten there.'),
      quarantined_at: timeSchema.nullable().describe('Failed too often; waits for somebody.'),
      hold: z.boolean().describe('Kept, whatever retention says.'),
      variants: z.array(z.enum(VARIANTS)).describe('Stored here. See `/videos/{id}/content`.'),
      bytes: z.int().nullable().describe('Of everything stored.'),
      created_at: timeSchema,
      submitted_at: timeSchema.nullable(),
      started_at: timeSchema.nullable(),
      rendered_at: timeSchema.nullable(),
      ready_at: timeSchema.nullable().describe('Stored here: `completed` for its owner.'),
      seconds_to_ready: z.number().nullable(),
      upstream_expires_at: timeSchema.nullable(),
      expires_at: timeSchema.nullable().describe('When retention deletes it.'),
      delete_requested_at: timeSchema.nullable(),
      deleted_at: timeSchema.nullable(),
      purged_at: timeSchema.nullable().describe('Its bytes are gone.'),
    })
    .meta({ description: 'A video with everything that an administrator sees of it.' }),
);
export type AdminVideo = z.infer<typeof adminVideoSchema>;

/** The filters of list, counts, export and bulk actions. */
export const videoFilters = {
  q: z.string().min(1).max(200).optional().describe('Words of the prompt, or an id.'),
  status: listed(z.enum(VIDEO_STATUSES)).optional(),
  state: listed(z.enum(ADMIN_VIDEO_STATES)).optional(),
  team_id: listed(idSchema).optional(),
  key_id: listed(idSchema).optional(),
  model: listed(z.string().min(1).max(100)).optional(),
  upstream_id: listed(idSchema).optional(),
  operation: listed(z.enum(OPERATIONS)).optional(),
  error_code: listed(z.string().min(1).max(100)).optional(),
  tag: z
    .string()
    .regex(/^[^:]{1,64}:.{0,512}$/)
    .optional()
    .describe('A label: `campaign:spring`.'),
  cost_min_micro_usd: amountOfMoneySchema.optional(),
  cost_max_micro_usd: amountOfMoneySchema.optional(),
  created_after: givenTimeSchema.optional().describe('At this moment or later.'),
  created_before: givenTimeSchema.optional(),
  root_id: idSchema.optional().describe('One lineage.'),
  at_risk: booleanQuerySchema.optional(),
  stuck: booleanQuerySchema.optional().describe('Quarantined, or overdue with nothing happening.'),
  hold: booleanQuerySchema.optional(),
  deleted: z.enum(['without', 'with', 'only']).optional().meta({ default: 'without' }),
};

const facetSchema = z.object({
  value: z.string(),
  label: z.string(),
  count: z.int(),
});

const videoCountsSchema = named(
  'VideoCounts',
  z
    .object({
      object: z.literal('video_counts'),
      total: z.int().describe('All that match.'),
      of_newest: z
        .int()
        .nullable()
        .describe(
          'Null: all were counted. Else only so many of the newest in that time were looked at: there may be more than `total` and the facets say. What is at risk or stuck is always counted whole.',
        ),
      status: z.array(facetSchema),
      state: z.array(facetSchema),
      team: z.array(facetSchema),
      key: z.array(facetSchema),
      model: z.array(facetSchema),
      upstream: z.array(facetSchema),
      operation: z.array(facetSchema),
      error_code: z.array(facetSchema),
      at_risk: z.int(),
      stuck: z.int(),
    })
    .meta({
      description:
        'How many there are of each value. A facet counts what matches all the other filters, so that it shows what choosing another value would give.',
    }),
);
export type VideoCounts = z.infer<typeof videoCountsSchema>;

const lineageGroupSchema = named(
  'LineageGroup',
  z.object({
    object: z.literal('lineage_group'),
    root_id: z.string(),
    team: nameOfSchema,
    prompt: z.string().describe('Of the first video.'),
    videos: z.array(adminVideoSchema).describe('The finished ones, oldest first; the first fifty.'),
    count: z.int(),
    cost_micro_usd: amountOfMoneySchema.describe('Of the whole lineage.'),
    last_at: timeSchema,
  }),
);
export type LineageGroup = z.infer<typeof lineageGroupSchema>;

const searchResultSchema = named(
  'SearchResult',
  z.object({
    kind: z.enum(['video', 'team', 'key', 'user', 'webhook_endpoint', 'delivery', 'quota', 'audit_entry']),
    id: z.string(),
    label: z.string(),
    detail: z.string(),
  }),
);

export const videoFindOperations = {
  listAdminVideos: {
    method: 'get',
    path: '/videos',
    tag: 'Videos',
    summary: 'List videos of all teams',
    description: 'Newest first, unless `order=asc`.',
    role: 'member',
    query: z.object({ ...pageQuery, order: z.enum(['asc', 'desc']).optional(), ...videoFilters }),
    answer: { json: pageOf('AdminVideoList', adminVideoSchema) },
  },
  countAdminVideos: {
    method: 'get',
    path: '/videos/counts',
    tag: 'Videos',
    summary: 'Count videos by every filter',
    role: 'member',
    query: z.object(videoFilters),
    answer: { json: videoCountsSchema },
  },
  exportAdminVideos: {
    method: 'get',
    path: '/videos.csv',
    tag: 'Videos',
    summary: 'Export videos',
    role: 'member',
    query: z.object(videoFilters),
    answer: { csv: adminVideoSchema },
  },
  listLibrary: {
    method: 'get',
    path: '/library',
    tag: 'Videos',
    summary: 'Finished videos, by lineage',
    description: 'The lineage with the newest video first. `after` is a `root_id`.',
    role: 'member',
    query: z.object({ ...pageQuery, team_id: listed(idSchema).optional(), q: videoFilters.q }),
    answer: { json: pageOf('LineageGroupList', lineageGroupSchema) },
  },
  search: {
    method: 'get',
    path: '/search',
    tag: 'Overview',
    summary: 'Find anything by its id or name',
    role: 'member',
    query: z.object({ q: z.string().min(1).max(200) }),
    answer: { json: pageOf('SearchResultList', searchResultSchema) },
  },
} as const satisfies AdminOperations;
