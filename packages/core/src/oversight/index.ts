export { countAllVideos } from './count-all-videos.ts';
export { listAllVideos } from './list-all-videos.ts';
export type { AllVideosFilter } from './queries/conditions.ts';
export type { FacetCount, VideoOverview } from './queries/videos.ts';
