import type { Organization } from '@reelgate/contract/admin';
import {
  getOrganization,
  type OrganizationView,
  pullBrake,
  releaseBrake,
  updateOrganization,
} from '@reelgate/core';
import { timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

const BRAKE = { scopeKind: 'org', scopeId: 'org' } as const;

export const organizationHandlers = {
  async getOrganization({ ctx }) {
    return serializeOrganization(await getOrganization(ctx));
  },
  async updateOrganization({ ctx, body }) {
    await updateOrganization(ctx, {
      name: body.name,
      timeZone: body.time_zone,
      version: body.version,
    });
    return serializeOrganization(await getOrganization(ctx));
  },
  async pauseOrganization({ ctx, body }) {
    await pullBrake(ctx, BRAKE, body.reason);
    return serializeOrganization(await getOrganization(ctx));
  },
  async resumeOrganization({ ctx }) {
    await releaseBrake(ctx, BRAKE);
    return serializeOrganization(await getOrganization(ctx));
  },
} satisfies AdminHandlers;

function serializeOrganization(organization: OrganizationView): Organization {
  return {
    id: 'org',
    object: 'organization',
    name: organization.name,
    time_zone: organization.timeZone,
    paused_at: timeOrNull(organization.pausedAt),
    paused_reason: organization.pausedReason,
    version: organization.version,
  };
}
