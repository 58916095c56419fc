export { applyModels, type ModelDefinition, type UpstreamDefinition } from './apply-models.ts';
export { findModel, listModels } from './find-model.ts';
export { createModelCatalogue, type ModelCatalogue, type PricedModel } from './model-catalogue.ts';
