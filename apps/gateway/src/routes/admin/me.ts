import { getOrganization, listTeams } from '@reelgate/core';
import { timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const meHandlers = {
  async getMe({ ctx }) {
    const { principal } = ctx;
    const { name, timeZone, pausedAt } = await getOrganization(ctx);
    const { teams } = await listTeams(ctx, {}, { after: null, limit: 1_000 });
    return {
      object: 'me',
      kind: principal.kind,
      id: principal.id,
      name: principal.name,
      email: principal.email,
      role: principal.role,
      teams: teams.map(({ id, name }) => ({ id, name })),
      organization: { name, time_zone: timeZone, paused_at: timeOrNull(pausedAt) },
    };
  },
} satisfies AdminHandlers;
