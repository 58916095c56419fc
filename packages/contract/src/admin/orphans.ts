/** What nobody here can explain or know: videos of an upstream without a row, and costs that may have been charged. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { reasonBodySchema } from './teams.ts';
import { videoDetailSchema } from './video-detail.ts';
import {
  amountOfMoneySchema,
  doneSchema,
  idSchema,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  reasonSchema,
  timeSchema,
} from './wire.ts';

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

export const orphanOperations = {
  adoptVideo: {
    method: 'post',
    path: '/videos/adopt',
    tag: 'Orphans',
    summary: 'Take an upstream’s video into a team',
    role: 'admin',
    body: adoptSchema,
    answer: { json: videoDetailSchema },
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
