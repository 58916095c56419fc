export { applyModels, type ModelDefinition, type UpstreamDefinition } from './apply-models.ts';
export { findModel, findOpenModel, listModels } from './find-model.ts';
export { listMissingPrices, listPrices } from './list-prices.ts';
export { createModelCatalogue } from './model-catalogue.ts';
export type { PricedRow } from './queries.ts';
export { type PriceSetting, setPrice } from './set-price.ts';
