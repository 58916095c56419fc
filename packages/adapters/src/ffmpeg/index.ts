export { createFfmpegVariantMaker, type FfmpegVariantMakerOptions } from './variant-maker.ts';
