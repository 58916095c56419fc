export { countAllVideos } from './count-all-videos.ts';
export { findTeamOfVideo } from './find-team-of-video.ts';
export { getVideoStory, type VideoStory } from './get-video-story.ts';
export { listAllVideos } from './list-all-videos.ts';
export { listLedger } from './list-ledger.ts';
export type { AllVideosFilter } from './queries/conditions.ts';
export type { LedgerFilter, LedgerRow } from './queries/ledger.ts';
export type { FacetCount, VideoOverview } from './queries/videos.ts';
