/** The films of the simulator, for whoever needs believable files without one running. */
export { renderMp4 } from './mp4.ts';
export type { SceneSpec } from './scene.ts';
export { renderSpritesheet, renderThumbnail } from './stills.ts';
