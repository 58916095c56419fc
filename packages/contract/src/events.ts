/** What a webhook says. Thin on purpose: ids only, so that a late or repeated delivery can neither show stale state nor leak a prompt. */
import { z } from 'zod';
import { EVENT_TYPES, type VIDEO_EVENT_TYPES } from './event-types.ts';

export { DEFAULT_EVENT_TYPES, EVENT_TYPES, type EventType } from './event-types.ts';

export const eventTypeSchema = z.enum(EVENT_TYPES);
export type VideoEventType = (typeof VIDEO_EVENT_TYPES)[number];

export const eventSchema = z
  .object({
    id: z.string(),
    object: z.literal('event'),
    created_at: z.int().min(0),
    type: eventTypeSchema,
    data: z
      .looseObject({ id: z.string() })
      .describe(
        'What it is about: the id of the video, quota, budget request or endpoint. Fetch that to know more.',
      ),
  })
  .meta({
    description: 'Says that something happened, and nothing more.',
    examples: [
      {
        id: 'evt_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
        object: 'event',
        created_at: 1_790_000_068,
        type: 'video.completed',
        data: { id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' },
      },
    ],
  });
export type Event = z.infer<typeof eventSchema>;
