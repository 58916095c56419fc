export type { RequestIdentity } from './accept-order.ts';
export type { VideoAdministration } from './administer-video.ts';
export { type Adoption, adoptVideo } from './adopt-video.ts';
export { applyRetention } from './apply-retention.ts';
export { type ArchiveChoice, archiveNext, type BegunArchive } from './archive-next.ts';
export { archiveVideo } from './archive-video.ts';
export { cancelVideo } from './cancel-video.ts';
export { checkStoredObjects } from './check-stored-objects.ts';
export { collectGarbage } from './collect-garbage.ts';
export { type CreateVideoInput, createVideo } from './create-video.ts';
export { deleteVideo } from './delete-video.ts';
export { type DeriveVideoInput, deriveVideo } from './derive-video.ts';
export { drainLifeboat } from './drain-lifeboat.ts';
export { eraseUpstreamCopies } from './erase-upstream-copies.ts';
export { type Content, findContent } from './find-content.ts';
export { getVideo } from './get-video.ts';
export { holdVideo } from './hold-video.ts';
export { hurryVideo } from './hurry-video.ts';
export { ignoreOrphan } from './ignore-orphan.ts';
export { fileNameOf, type GivenFile, type GivenReference } from './inputs.ts';
export { getLineage, getLineageOfTeam, type Lineage, type LineageNode } from './lineage.ts';
export { listOrphans, type OrphanPlace } from './list-orphans.ts';
export { listParkedVideos } from './list-parked-videos.ts';
export { getUpstream, listUpstreams } from './list-upstreams.ts';
export { listVideos, type VideoPage, type VideoPageRequest } from './list-videos.ts';
export { markAnswered } from './mark-answered.ts';
export { markRead } from './mark-read.ts';
export { measureVideos } from './measure-videos.ts';
export { mp4Damage } from './mp4-damage.ts';
export { noteFault } from './note-fault.ts';
export { surveyAccount } from './note-orphans.ts';
export { pollAccount } from './poll-account.ts';
export { pollVideo } from './poll-video.ts';
export { type Mp4Facts, probeMp4 } from './probe-mp4.ts';
export { purgeVideo } from './purge-video.ts';
export type { Figure, OrphanRow, ParkedVideo, UpstreamFacts } from './queries/index.ts';
export {
  forgetHooks,
  listAnyOverdueVideos,
  listAnyUpstreamAccounts,
  takeAnyUpkeepTurn,
} from './queries/index.ts';
export { type Quote, quoteVideo } from './quote-video.ts';
export { type Rebuilt, rebuildAssets } from './rebuild-assets.ts';
export {
  type HookOutcome,
  receiveUpstreamHook,
  type UpstreamHook,
} from './receive-upstream-hook.ts';
export { releaseVideo } from './release-video.ts';
export { removeVideo } from './remove-video.ts';
export { resolveSubmission } from './resolve-submission.ts';
export { restoreVideo } from './restore-video.ts';
export { getRetention, type Retention, setRetention } from './set-retention.ts';
export { setUpstreamState } from './set-upstream-state.ts';
export { settleVideo } from './settle-video.ts';
export type { StartedVideo } from './start-video.ts';
export { jobForState, publicStatus, TRANSITIONS, VIDEO_STATES, type VideoState } from './state.ts';
export { submitVideo } from './submit-video.ts';
export { sweepSpool } from './sweep-spool.ts';
export { type BreakerStanding, tellOfBreakers } from './tell-of-breakers.ts';
export { unholdVideo } from './unhold-video.ts';
export type { VideoView } from './video-view.ts';
export { watchVideos } from './watch-videos.ts';
