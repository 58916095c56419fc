/** Who asks. */
import { z } from 'zod';
import { ADMIN_ROLES, type AdminOperations } from './operation.ts';
import { named, nameOfSchema, timeSchema } from './wire.ts';

const meSchema = named(
  'Me',
  z
    .object({
      object: z.literal('me'),
      kind: z.enum(['admin_key', 'user']),
      id: z.string(),
      name: z.string(),
      email: z.string().nullable().describe('Of a user.'),
      role: z.enum(ADMIN_ROLES),
      teams: z.array(nameOfSchema).describe('Whose things you see. All teams for an admin.'),
      organization: z.object({
        name: z.string(),
        time_zone: z.string().describe('IANA zone in which days and months begin.'),
        paused_at: timeSchema.nullable(),
      }),
    })
    .meta({
      description: 'Who you are and what you may.',
      examples: [
        {
          object: 'me',
          kind: 'admin_key',
          id: 'akey_0f7c2b7a9e8f4163a7b2c3d4e5f60718',
          name: 'terraform',
          email: null,
          role: 'admin',
          teams: [{ id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' }],
          organization: { name: 'Acme', time_zone: 'Europe/Berlin', paused_at: null },
        },
      ],
    }),
);
export type Me = z.infer<typeof meSchema>;

export const meOperations = {
  getMe: {
    method: 'get',
    path: '/me',
    tag: 'Me',
    summary: 'Who you are',
    role: 'member',
    answer: { json: meSchema },
  },
} as const satisfies AdminOperations;
