import type { AdminVideoDetail } from '@reelgate/contract/admin';
import type { VideoStory } from '@reelgate/core';
import { money, time, timeOrNull } from '../../admin/answers.ts';
import { serializeNode } from '../../serialize.ts';
import { serializeLedgerEntry } from './ledger.ts';
import { serializeDelivery } from './serialize-delivery.ts';
import { serializeAdminVideo } from './serialize-video.ts';

export function serializeStory(story: VideoStory): AdminVideoDetail {
  const { video, facts } = story;
  return {
    ...serializeAdminVideo(video),
    upstream_video_id: facts.upstreamVideoId,
    price: { id: facts.priceId, per_second_micro_usd: money(facts.perSecondMicroUsd) },
    params: facts.params,
    inputs: facts.inputs,
    timeline: timelineOf(story),
    submissions: story.submissions.map((submission) => ({
      no: submission.no,
      state: submission.state,
      upstream_id: submission.upstreamId,
      prepared_at: time(submission.preparedAt),
      sent_at: timeOrNull(submission.sentAt),
      ended_at: timeOrNull(submission.endedAt),
      http_status: submission.httpStatus,
      error_class: submission.errorClass,
      upstream_request_id: submission.upstreamRequestId,
    })),
    assets: story.assets.map((asset) => ({
      variant: asset.variant,
      state: asset.state,
      origin: asset.origin,
      bytes: asset.bytes,
      sha256: asset.sha256,
      content_type: asset.contentType,
      object_key: asset.objectKey,
      verified_at: timeOrNull(asset.verifiedAt),
    })),
    ledger: story.ledger.map(serializeLedgerEntry),
    lineage: story.lineage.map(serializeNode),
    deliveries: story.deliveries.map((delivery) =>
      serializeDelivery(delivery, { team: video.team, video_id: video.id }),
    ),
    upstream_error: upstreamErrorOf(story),
    provenance: {
      prompt_sha256: facts.promptSha256,
      request_sha256: facts.requestSha256,
      upstream_id: video.upstreamId,
      upstream_model: facts.upstreamModel,
      upstream_video_id: facts.upstreamVideoId,
      content_sha256: story.assets.find(({ variant }) => variant === 'video')?.sha256 ?? null,
      made_from: video.parentId,
    },
  };
}

/** What an upstream said when it refused the create, or when the render failed. */
function upstreamErrorOf({ video, submissions }: VideoStory): AdminVideoDetail['upstream_error'] {
  const last = submissions.at(-1);
  if (video.errorCode === null && last?.errorClass == null) return null;
  return {
    code: video.errorCode,
    message: video.errorMessage,
    http_status: last?.httpStatus ?? null,
    class: last?.errorClass ?? null,
    upstream_request_id: last?.upstreamRequestId ?? null,
  };
}

type Entry = AdminVideoDetail['timeline'][number];

/** From accepted to the last webhook that was answered, in the order in which it happened. */
function timelineOf(story: VideoStory): Entry[] {
  const { video } = story;
  const begunAt = video.startedAt ?? video.submittedAt ?? video.createdAt;
  // An upstream's clock tells whole seconds, and its own.
  const renderedAt = video.completedAt && (video.completedAt < begunAt ? begunAt : video.completedAt);
  const entries: [Date | null, Entry['kind'], string, Entry['detail']?][] = [
    [video.createdAt, 'accepted', 'Accepted', { estimated_micro_usd: money(video.estimatedMicroUsd) }],
    ...story.submissions.map(({ no, state, sentAt, preparedAt, httpStatus }): (typeof entries)[number] => [
      sentAt ?? preparedAt,
      'submission',
      `Sent to ${video.upstreamId}: ${state.replaceAll('_', ' ')}`,
      { no, state, http_status: httpStatus },
    ]),
    [video.startedAt, 'rendering', 'Rendering began'],
    [renderedAt, 'rendered', 'Finished at the upstream'],
    [video.storedAt, 'stored', 'Stored here', { variants: video.variants, bytes: video.bytes }],
    [video.quarantinedAt, 'quarantined', 'Set aside after too many failures'],
    [video.deleteRequestedAt, 'delete_requested', 'Deletion asked for'],
    [video.deletedAt, 'deleted', 'Deleted'],
    [video.purgedAt, 'purged', 'Content removed'],
    ...story.events.map((event): (typeof entries)[number] => [
      event.at,
      event.type === 'video.failed' ? 'failed' : 'event',
      event.type === 'video.failed' ? `Failed: ${video.errorMessage ?? video.errorCode ?? ''}` : event.type,
      { event_id: event.id, type: event.type },
    ]),
    ...story.deliveries.map((delivery): (typeof entries)[number] => [
      delivery.lastAt,
      'webhook',
      `${delivery.eventType} ${delivery.state === 'delivered' ? 'received by' : 'tried at'} ${delivery.endpointUrl}`,
      {
        delivery_id: delivery.id,
        state: delivery.state,
        attempts: delivery.attempts,
        status: delivery.lastStatus,
      },
    ]),
    ...story.audit.map((row): (typeof entries)[number] => [
      row.at,
      'admin',
      `${row.action} by ${row.actorName || row.actorId}`,
      { audit_id: `aud_${row.id}`, reason: row.reason },
    ]),
  ];
  return entries
    .flatMap(([at, kind, label, detail = {}]) => (at === null ? [] : [{ at: time(at), kind, label, detail }]))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
