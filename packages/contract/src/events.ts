/** What a webhook says. Thin on purpose: ids only, so that a late or repeated delivery can neither show stale state nor leak a prompt. */
import { z } from 'zod';

export const EVENT_TYPES = ['video.completed', 'video.failed'] as const;
export const eventTypeSchema = z.enum(EVENT_TYPES);
export type EventType = z.infer<typeof eventTypeSchema>;

export const eventSchema = z.object({
  id: z.string(),
  object: z.literal('event'),
  created_at: z.int(),
  type: eventTypeSchema,
  data: z.object({ id: z.string() }),
});
export type Event = z.infer<typeof eventSchema>;
