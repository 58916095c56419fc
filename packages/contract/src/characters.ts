/** Characters: somebody or something from a short video that later prompts can name. */
import { z } from 'zod';
import { LIMITS, unixSecondsSchema } from './videos.ts';

/** Has no `object` key, as in the original. */
export const characterSchema = z
  .object({ id: z.string(), name: z.string(), created_at: unixSecondsSchema })
  .meta({
    description: 'A character. Prompts name it word for word.',
    examples: [{ id: 'char_3b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'Mossy', created_at: 1_790_000_000 }],
  });
export type Character = z.infer<typeof characterSchema>;

export const createCharacterFormSchema = z
  .looseObject({
    name: z
      .string()
      .min(1)
      .max(LIMITS.characterNameMaxLength)
      .describe('What prompts will call the character.'),
    video: z.file().describe('An MP4 file that shows it; 2 to 4 seconds are best.'),
    model: z
      .string()
      .min(1)
      .max(LIMITS.modelNameMaxLength)
      .optional()
      .meta({ description: 'The model that is to know the character.', 'x-reelgate': true }),
  })
  .meta({ description: 'A new character.' });
