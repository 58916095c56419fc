import type { User } from '@reelgate/contract/admin';
import {
  addTeamMember,
  createUser,
  getUser,
  listTeamMembers,
  listUsers,
  type MemberView,
  removeTeamMember,
  signOutUser,
  type UserView,
  updateUser,
} from '@reelgate/core';
import { page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export interface Passwords {
  make(): string;
  /** As the sign-in checks it. */
  hash(password: string): Promise<string>;
}

export const createUserHandlers = (passwords: Passwords) =>
  ({
    async listUsers({ ctx, query }) {
      const { q: search, role, team_id: teamId, disabled } = query;
      const { users, hasMore } = await listUsers(ctx, { search, role, teamId, disabled }, pageRequest(query));
      return page(users.map(serializeUser), hasMore);
    },
    async createUser({ ctx, body }) {
      const { email, name, role, team_ids: teamIds } = body;
      const password = passwords.make();
      const passwordHash = await passwords.hash(password);
      const { id } = await createUser(ctx, { email, name, role, teamIds, passwordHash });
      return { ...serializeUser(await getUser(ctx, id)), password };
    },
    async getUser({ ctx, params }) {
      return serializeUser(await getUser(ctx, params.user_id));
    },
    async updateUser({ ctx, params, body }) {
      const { team_ids: teamIds, ...changes } = body;
      return serializeUser(await updateUser(ctx, params.user_id, { ...changes, teamIds }));
    },
    async signOutUser({ ctx, params }) {
      await signOutUser(ctx, params.user_id);
      return { object: 'done', id: params.user_id };
    },
    async listTeamMembers({ ctx, params }) {
      const members = (await listTeamMembers(ctx, params.team_id)).map(serializeMember);
      return {
        object: 'list',
        data: members,
        first_id: members[0]?.user_id ?? null,
        last_id: members.at(-1)?.user_id ?? null,
        has_more: false,
        total: members.length,
      };
    },
    async addTeamMember({ ctx, params, body }) {
      return serializeMember(await addTeamMember(ctx, params.team_id, body.user_id));
    },
    async removeTeamMember({ ctx, params }) {
      await removeTeamMember(ctx, params.team_id, params.user_id);
      return { object: 'done', id: params.user_id };
    },
  }) satisfies AdminHandlers;

function serializeUser(user: UserView): User {
  return {
    id: user.id,
    object: 'user',
    email: user.email,
    name: user.name,
    role: user.role,
    disabled: user.disabled,
    teams: [...user.teams],
    created_at: time(user.createdAt),
    last_seen_at: timeOrNull(user.lastSeenAt),
    version: user.version,
  };
}

function serializeMember({ userId, addedAt, ...rest }: MemberView) {
  return { object: 'member' as const, user_id: userId, added_at: time(addedAt), ...rest };
}
