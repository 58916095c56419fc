/** What a video was made from, and what was made from it. */
import { z } from 'zod';
import { operationSchema, unixSecondsSchema, videoStatusSchema } from './videos.ts';

export const lineageNodeSchema = z
  .object({
    id: z.string(),
    parent_id: z.string().nullable(),
    operation: operationSchema,
    status: videoStatusSchema,
    created_at: unixSecondsSchema,
    deleted: z.boolean().describe('Deleted videos stay in the tree, without their content.'),
    cost_micro_usd: z
      .int()
      .min(0)
      .describe(
        'In millionths of a US dollar. An estimate until the video has ended; nothing for a failure.',
      ),
    distance: z
      .int()
      .describe(
        'Steps from the video asked for: negative towards its sources, positive towards what was made from it.',
      ),
  })
  .describe('One video of the tree.');

export const lineageSchema = z
  .object({
    object: z.literal('video.lineage'),
    video_id: z.string(),
    ancestors: z
      .array(lineageNodeSchema)
      .describe('From the first video down to the one asked for, which is last.'),
    descendants: z.array(lineageNodeSchema).describe('All that was made from it, nearest first.'),
    truncated: z.boolean().describe('There are more ancestors, or more was made from it, than is shown.'),
    total_cost_micro_usd: z.int().min(0).describe('Of all that is shown.'),
  })
  .meta({
    description: 'The family of a video, with what each of them cost.',
    examples: [
      {
        object: 'video.lineage',
        video_id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543',
        ancestors: [
          {
            id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543',
            parent_id: null,
            operation: 'create',
            status: 'completed',
            created_at: 1_790_000_000,
            deleted: false,
            cost_micro_usd: 800_000,
            distance: 0,
          },
        ],
        descendants: [],
        truncated: false,
        total_cost_micro_usd: 800_000,
      },
    ],
    'x-reelgate': true,
  });
export type Lineage = z.infer<typeof lineageSchema>;
