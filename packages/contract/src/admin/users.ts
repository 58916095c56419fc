/** People who sign in to the dashboard. */
import { z } from 'zod';
import { ADMIN_ROLES, type AdminOperations } from './operation.ts';
import {
  booleanQuerySchema,
  doneSchema,
  idSchema,
  named,
  nameOfSchema,
  nameSchema,
  pageOf,
  pageQuery,
  timeSchema,
  versionSchema,
} from './wire.ts';

const roleSchema = z
  .enum(ADMIN_ROLES)
  .describe(
    '`admin`: everything; `manager`: changes its teams; `member`: sees its teams, may ask for budget.',
  );

const userSchema = named(
  'User',
  z
    .object({
      id: z.string(),
      object: z.literal('user'),
      email: z.string(),
      name: z.string(),
      role: roleSchema,
      disabled: z.boolean().describe('Cannot sign in.'),
      teams: z.array(nameOfSchema),
      created_at: timeSchema,
      last_seen_at: timeSchema.nullable(),
      version: z.int(),
    })
    .meta({
      description: 'A person.',
      examples: [
        {
          id: 'user_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
          object: 'user',
          email: 'mo@example.com',
          name: 'Mo',
          role: 'manager',
          disabled: false,
          teams: [{ id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' }],
          created_at: '2026-11-02T09:30:00.000Z',
          last_seen_at: null,
          version: 1,
        },
      ],
    }),
);
export type User = z.infer<typeof userSchema>;

const createUserSchema = named(
  'CreateUser',
  z
    .strictObject({
      email: z.email().max(254),
      name: nameSchema,
      role: roleSchema,
      team_ids: z.array(idSchema).max(100).default([]),
    })
    .meta({ examples: [{ email: 'jo@example.com', name: 'Jo', role: 'member', team_ids: [] }] }),
);

const createdUserSchema = named(
  'CreatedUser',
  userSchema.extend({
    password: z
      .string()
      .nullable()
      .describe(
        'To sign in with the first time, shown only now. Null where people sign in with their provider.',
      ),
  }),
);

const updateUserSchema = named(
  'UpdateUser',
  z
    .strictObject({
      name: nameSchema.optional(),
      role: roleSchema.optional(),
      disabled: z.boolean().optional(),
      team_ids: z.array(idSchema).max(100).optional(),
      version: versionSchema.optional(),
    })
    .meta({ examples: [{ role: 'manager' }] }),
);

export const userOperations = {
  listUsers: {
    method: 'get',
    path: '/users',
    tag: 'Users',
    summary: 'List users',
    role: 'admin',
    query: z.object({
      ...pageQuery,
      q: z.string().max(100).optional().describe('Part of the name or e-mail address.'),
      role: roleSchema.optional(),
      team_id: idSchema.optional(),
      disabled: booleanQuerySchema.optional(),
    }),
    answer: { json: pageOf('UserList', userSchema) },
  },
  createUser: {
    method: 'post',
    path: '/users',
    tag: 'Users',
    summary: 'Add a user',
    role: 'admin',
    recentSignIn: true,
    body: createUserSchema,
    answer: { json: createdUserSchema },
  },
  getUser: {
    method: 'get',
    path: '/users/{user_id}',
    tag: 'Users',
    summary: 'Retrieve a user',
    role: 'admin',
    answer: { json: userSchema },
  },
  updateUser: {
    method: 'patch',
    path: '/users/{user_id}',
    tag: 'Users',
    summary: 'Change a user',
    description: 'The last admin cannot be disabled or made anything less.',
    role: 'admin',
    recentSignIn: true,
    body: updateUserSchema,
    answer: { json: userSchema },
  },
  signOutUser: {
    method: 'post',
    path: '/users/{user_id}/sign-out',
    tag: 'Users',
    summary: 'Sign a user out everywhere',
    role: 'admin',
    answer: { json: doneSchema },
  },
} as const satisfies AdminOperations;
