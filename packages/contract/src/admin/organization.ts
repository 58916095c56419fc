/** The company: its name, its time zone, its brake. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { reasonBodySchema } from './teams.ts';
import { named, nameSchema, timeSchema, versionSchema } from './wire.ts';

const organizationSchema = named(
  'Organization',
  z
    .object({
      id: z.literal('org'),
      object: z.literal('organization'),
      name: z.string(),
      time_zone: z.string().describe('IANA zone in which days and months begin.'),
      paused_at: timeSchema.nullable(),
      paused_reason: z.string().nullable(),
      version: z.int(),
    })
    .meta({
      description: 'The organization of this deployment.',
      examples: [
        {
          id: 'org',
          object: 'organization',
          name: 'Acme',
          time_zone: 'Europe/Berlin',
          paused_at: null,
          paused_reason: null,
          version: 1,
        },
      ],
    }),
);
export type Organization = z.infer<typeof organizationSchema>;

const updateOrganizationSchema = named(
  'UpdateOrganization',
  z
    .strictObject({
      name: nameSchema.optional(),
      time_zone: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe(
          'In force at once. A period of a quota that is open ends when it was to; the next one ends in the new zone.',
        ),
      version: versionSchema.optional(),
    })
    .meta({ examples: [{ time_zone: 'Europe/Berlin' }] }),
);

export const organizationOperations = {
  getOrganization: {
    method: 'get',
    path: '/organization',
    tag: 'Organization',
    summary: 'Retrieve the organization',
    role: 'member',
    answer: { json: organizationSchema },
  },
  updateOrganization: {
    method: 'patch',
    path: '/organization',
    tag: 'Organization',
    summary: 'Change the organization',
    role: 'admin',
    body: updateOrganizationSchema,
    answer: { json: organizationSchema },
  },
  pauseOrganization: {
    method: 'post',
    path: '/organization/pause',
    tag: 'Organization',
    summary: 'Pause everything',
    description: 'Nobody makes a new video until it is resumed. What an upstream has taken goes on.',
    role: 'admin',
    body: reasonBodySchema,
    answer: { json: organizationSchema },
  },
  resumeOrganization: {
    method: 'post',
    path: '/organization/resume',
    tag: 'Organization',
    summary: 'Resume',
    role: 'admin',
    answer: { json: organizationSchema },
  },
} as const satisfies AdminOperations;
