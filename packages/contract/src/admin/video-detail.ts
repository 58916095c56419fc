/** One video: its story, and what an administrator can do about it. */
import { z } from 'zod';
import { lineageNodeSchema } from '../lineage.ts';
import { VARIANTS, variantSchema } from '../videos.ts';
import { ledgerEntrySchema } from './ledger.ts';
import type { AdminOperations } from './operation.ts';
import { reasonBodySchema } from './teams.ts';
import { adminVideoSchema, videoFilters } from './videos.ts';
import { deliverySchema } from './webhooks.ts';
import {
  amountOfMoneySchema,
  doneSchema,
  givenTimeSchema,
  idSchema,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  reasonSchema,
  timeSchema,
} from './wire.ts';

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

const videoDetailSchema = named(
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

const shareLinkSchema = named(
  'ShareLink',
  z.object({
    id: z.string(),
    object: z.literal('share_link'),
    video_id: z.string(),
    variant: variantSchema,
    created_by: nameOfSchema,
    created_at: timeSchema,
    expires_at: timeSchema,
    revoked_at: timeSchema.nullable(),
  }),
);
export type ShareLink = z.infer<typeof shareLinkSchema>;

const createdShareLinkSchema = named(
  'CreatedShareLink',
  shareLinkSchema.extend({
    url: z.string().describe('Works without a key, until it expires. Shown only now.'),
  }),
);

const createShareLinkSchema = named(
  'CreateShareLink',
  z
    .strictObject({
      expires_at: givenTimeSchema.optional().describe('In seven days where absent; 90 days at most.'),
      variant: variantSchema.default('video'),
    })
    .meta({ examples: [{}] }),
);

const orphanSchema = named(
  'Orphan',
  z
    .object({
      id: z.string(),
      object: z.literal('orphan'),
      upstream_id: z.string(),
      upstream_video_id: z.string(),
      first_seen_at: timeSchema,
      state: z.enum(['seen', 'archived', 'adopted', 'ignored']),
      snapshot: z.record(z.string(), z.unknown()).describe('What the upstream shows of it.'),
      adopted_video_id: z.string().nullable(),
      decided_by: z.string().nullable(),
    })
    .meta({ description: 'A video that an upstream shows and nothing here explains.' }),
);

const adoptSchema = named(
  'AdoptVideo',
  z
    .strictObject({
      team_id: idSchema,
      upstream_id: idSchema,
      upstream_video_id: z.string().min(1).max(500),
      cost_micro_usd: amountOfMoneySchema.optional().describe('By the price book, where absent.'),
      reason: reasonSchema,
    })
    .meta({
      examples: [
        {
          team_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          upstream_id: 'simulator',
          upstream_video_id: 'video_abc',
          reason: 'Made before Reelgate was there',
        },
      ],
    }),
);

const parkedSchema = named(
  'ParkedReservation',
  z
    .object({
      object: z.literal('parked_reservation'),
      video_id: z.string(),
      team: nameOfSchema,
      model: z.string(),
      upstream_id: z.string(),
      cost_micro_usd: amountOfMoneySchema.describe('That counts as spent until it is settled or released.'),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      created_at: timeSchema,
    })
    .meta({ description: 'What a video may have cost, and nobody can know. Settle or release the video.' }),
);

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
  adoptVideo: {
    method: 'post',
    path: '/videos/adopt',
    tag: 'Orphans',
    summary: 'Take an upstream’s video into a team',
    role: 'admin',
    body: adoptSchema,
    answer: { json: videoDetailSchema },
  },
  listShareLinks: {
    method: 'get',
    path: '/videos/{video_id}/share-links',
    tag: 'Videos',
    summary: 'List share links',
    role: 'member',
    answer: { json: pageOf('ShareLinkList', shareLinkSchema) },
  },
  createShareLink: {
    method: 'post',
    path: '/videos/{video_id}/share-links',
    tag: 'Videos',
    summary: 'Make a share link',
    role: 'manager',
    body: createShareLinkSchema,
    answer: { json: createdShareLinkSchema },
  },
  revokeShareLink: {
    method: 'post',
    path: '/share-links/{share_link_id}/revoke',
    tag: 'Videos',
    summary: 'Revoke a share link',
    role: 'manager',
    answer: { json: shareLinkSchema },
  },
  listOrphans: {
    method: 'get',
    path: '/orphans',
    tag: 'Orphans',
    summary: 'List videos that nothing explains',
    role: 'admin',
    query: z.object({
      ...pageQuery,
      upstream_id: idSchema.optional(),
      state: z.enum(['seen', 'archived', 'adopted', 'ignored']).optional(),
    }),
    answer: { json: pageOf('OrphanList', orphanSchema) },
  },
  ignoreOrphan: {
    method: 'post',
    path: '/orphans/{orphan_id}/ignore',
    tag: 'Orphans',
    summary: 'Ignore an orphan',
    role: 'admin',
    body: reasonBodySchema,
    answer: { json: doneSchema },
  },
  listParkedReservations: {
    method: 'get',
    path: '/parked-reservations',
    tag: 'Orphans',
    summary: 'List reservations that wait for a decision',
    role: 'admin',
    query: z.object({ ...pageQuery, team_id: idSchema.optional() }),
    answer: { json: pageOf('ParkedReservationList', parkedSchema) },
  },
} as const satisfies AdminOperations;
