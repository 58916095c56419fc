export { applyModels, type ModelDefinition, type UpstreamDefinition } from './apply-models.ts';
export { createModelCatalogue, type ModelCatalogue, type PricedModel } from './model-catalogue.ts';
