/** One video: its story, and what an administrator can do about it. */
import { z } from 'zod';
import { lineageNodeSchema } from '../lineage.ts';
import { VARIANTS, variantSchema } from '../videos.ts';
import { ledgerEntrySchema } from './ledger.ts';
import type { AdminOperations } from './operation.ts';
import { reasonBodySchema } from './teams.ts';
import { adminVideoSchema, videoFilters } from './videos.ts';
import { deliverySchema } from './webhooks.ts';
import { amountOfMoneySchema, idSchema, named, reasonSchema, timeSchema } from './wire.ts';

const timelineEntrySchema = named(
  'TimelineEntry',
  z.object({
    at: timeSchema,
    kind: z.enum([
      'accepted',
      'submission',
      'rendering',
      'rendered',
      'stored',
      'failed',
      'event',
      'webhook',
      'delete_requested',
      'deleted',
      'purged',
      'quarantined',
      'admin',
    ]),
    label: z.string().describe('For people.'),
    detail: z.record(z.string(), z.unknown()).describe('What there is to know besides; differs by kind.'),
  }),
);

export const videoDetailSchema = named(
  'AdminVideoDetail',
  adminVideoSchema.extend({
    upstream_video_id: z.string().nullable(),
    price: z.object({ id: z.string(), per_second_micro_usd: amountOfMoneySchema }),
    params: z.record(z.string(), z.unknown()).describe('Fields that were forwarded as they came.'),
    inputs: z.array(z.record(z.string(), z.unknown())).describe('What went along with the prompt.'),
    timeline: z.array(timelineEntrySchema),
    submissions: z.array(
      z.object({
        no: z.int(),
        state: z.string(),
        upstream_id: z.string(),
        prepared_at: timeSchema,
        sent_at: timeSchema.nullable(),
        ended_at: timeSchema.nullable(),
        http_status: z.int().nullable(),
        error_class: z.string().nullable(),
        upstream_request_id: z.string().nullable(),
      }),
    ),
    assets: z.array(
      z.object({
        variant: z.enum(VARIANTS),
        state: z.string(),
        origin: z.string(),
        bytes: z.int().nullable(),
        sha256: z.string().nullable(),
        content_type: z.string().nullable(),
        object_key: z.string().nullable(),
        verified_at: timeSchema.nullable(),
      }),
    ),
    ledger: z.array(ledgerEntrySchema),
    lineage: z.array(lineageNodeSchema).describe('Its whole tree, itself at distance 0.'),
    deliveries: z.array(deliverySchema),
    upstream_error: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What the upstream said, as it said it.'),
    provenance: z.object({
      prompt_sha256: z.string(),
      request_sha256: z.string(),
      upstream_id: z.string(),
      upstream_model: z.string(),
      upstream_video_id: z.string().nullable(),
      content_sha256: z.string().nullable(),
      made_from: z.string().nullable(),
    }),
  }),
);
export type AdminVideoDetail = z.infer<typeof videoDetailSchema>;

const settleVideoSchema = named(
  'SettleVideo',
  z
    .strictObject({ cost_micro_usd: amountOfMoneySchema, reason: reasonSchema })
    .meta({ examples: [{ cost_micro_usd: '800000', reason: 'The bill of the upstream has it' }] }),
);

const BULK_ACTIONS = ['poll', 'retry_archiving', 'cancel', 'delete', 'restore', 'hold', 'unhold'] as const;

/** The filters of the list, as a body: the same spelling as in a query. */
const bulkFilterSchema = z.strictObject(videoFilters);

const bulkSchema = named(
  'BulkAction',
  z
    .strictObject({
      action: z.enum(BULK_ACTIONS),
      ids: z.array(idSchema).min(1).max(1_000).optional().describe('These, or all that match `filter`.'),
      filter: bulkFilterSchema.optional().describe('The filters of the list, spelled as in a query.'),
      reason: reasonSchema.optional().describe('Required for `delete` and `hold`.'),
      dry_run: z.boolean().default(false).describe('Only says how many.'),
    })
    .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
      error: "Give either 'ids' or 'filter'.",
      path: ['ids'],
    })
    .meta({
      examples: [
        { action: 'delete', filter: { team_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923' }, dry_run: true },
      ],
    }),
);

const bulkResultSchema = named(
  'BulkResult',
  z.object({
    object: z.literal('bulk_result'),
    dry_run: z.boolean(),
    matched: z.int(),
    eligible: z.int().describe('For which the action makes sense now.'),
    done: z.int().describe('0 in a dry run.'),
    truncated: z.boolean().describe('More match than one request changes: send it again.'),
    refused: z.array(z.object({ id: z.string(), message: z.string() })).describe('The first twenty.'),
  }),
);
export type BulkResult = z.infer<typeof bulkResultSchema>;

const action = (path: string, summary: string, description?: string) =>
  ({
    method: 'post',
    path: `/videos/{video_id}/${path}`,
    tag: 'Videos',
    summary,
    ...(description !== undefined && { description }),
    role: 'manager',
    answer: { json: videoDetailSchema },
  }) as const;

export const videoOperations = {
  getAdminVideo: {
    method: 'get',
    path: '/videos/{video_id}',
    tag: 'Videos',
    summary: 'Retrieve a video with its story',
    role: 'member',
    answer: { json: videoDetailSchema },
  },
  getAdminVideoContent: {
    method: 'get',
    path: '/videos/{video_id}/content',
    tag: 'Videos',
    summary: 'Look at a video',
    role: 'member',
    query: z.object({ variant: variantSchema.optional() }),
    answer: { files: ['video/mp4', 'image/webp', 'image/jpeg', 'image/png'] },
  },
  pollVideoNow: action('poll', 'Look at the upstream now'),
  retryArchiving: action('retry-archiving', 'Store it again', 'Also takes it out of quarantine.'),
  cancelAdminVideo: action('cancel', 'Cancel a video that was not sent yet'),
  settleVideo: {
    ...action('settle', 'Settle by hand', 'Books this cost for a reservation that is parked or held.'),
    role: 'admin',
    body: settleVideoSchema,
  },
  releaseVideo: {
    ...action('release', 'Release by hand', 'Gives a reservation back that is parked or held.'),
    role: 'admin',
    body: reasonBodySchema,
  },
  holdVideo: { ...action('hold', 'Keep, whatever retention says'), role: 'admin', body: reasonBodySchema },
  unholdVideo: { ...action('unhold', 'Let retention have it again'), role: 'admin' },
  deleteAdminVideo: {
    method: 'delete',
    path: '/videos/{video_id}',
    tag: 'Videos',
    summary: 'Delete a video',
    description: 'Hidden at once; its bytes go when the time to undo is over.',
    role: 'manager',
    answer: { json: videoDetailSchema },
  },
  restoreVideo: action('restore', 'Undo the deletion', 'While its bytes are still there.'),
  bulkVideos: {
    method: 'post',
    path: '/videos/bulk',
    tag: 'Videos',
    summary: 'Do something to many videos',
    description: 'A thousand at most in one request. With `dry_run` it only says how many.',
    role: 'manager',
    body: bulkSchema,
    answer: { json: bulkResultSchema },
  },
} as const satisfies AdminOperations;
