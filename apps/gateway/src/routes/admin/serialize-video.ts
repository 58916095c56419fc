import type { AdminVideo } from '@reelgate/contract/admin';
import { publicStatus, type VideoOverview } from '@reelgate/core';
import { money, moneyOrNull, time, timeOrNull } from '../../admin/answers.ts';

export function serializeAdminVideo(video: VideoOverview): AdminVideo {
  const { createdAt, storedAt, errorCode } = video;
  return {
    id: video.id,
    object: 'video',
    team: video.team,
    key: { id: video.key.id, name: video.key.name, prefix: `rg_${video.key.kind}_${video.key.prefix}` },
    operation: video.operation,
    parent_id: video.parentId,
    root_id: video.rootId,
    model: video.model,
    upstream_id: video.upstreamId,
    status: video.status,
    state: video.state,
    progress: publicStatus(video).progress,
    prompt: video.prompt,
    seconds: video.seconds,
    billed_seconds: video.billedSeconds,
    size: video.size,
    metadata: { ...video.metadata },
    cost: costOf(video),
    error: errorCode === null ? null : { code: errorCode, message: video.errorMessage ?? '' },
    at_risk: video.atRisk,
    quarantined_at: timeOrNull(video.quarantinedAt),
    hold: video.holdAt !== null,
    variants: [...video.variants],
    bytes: video.bytes,
    created_at: time(createdAt),
    submitted_at: timeOrNull(video.submittedAt),
    started_at: timeOrNull(video.startedAt),
    rendered_at: timeOrNull(video.completedAt),
    ready_at: timeOrNull(storedAt),
    seconds_to_ready: storedAt === null ? null : (storedAt.getTime() - createdAt.getTime()) / 1_000,
    upstream_expires_at: timeOrNull(video.upstreamExpiresAt),
    expires_at: timeOrNull(video.expiresAt),
    delete_requested_at: timeOrNull(video.deleteRequestedAt),
    deleted_at: timeOrNull(video.deletedAt),
    purged_at: timeOrNull(video.purgedAt),
  };
}

const COST_STATES = { open: 'reserved', parked: 'parked', settled: 'settled', released: 'released' } as const;

function costOf(video: VideoOverview): AdminVideo['cost'] {
  const isHeld = video.charge === 'open' || video.charge === 'parked';
  return {
    state: video.isTest ? 'free' : COST_STATES[video.charge],
    estimated_micro_usd: money(video.estimatedMicroUsd),
    reserved_micro_usd: money(isHeld ? video.estimatedMicroUsd : 0n),
    settled_micro_usd: moneyOrNull(video.finalMicroUsd),
  };
}
