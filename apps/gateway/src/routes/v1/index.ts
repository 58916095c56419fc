import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { GatewayEnv } from '../../gateway-env.ts';
import { createBeyondTheOriginalRoutes } from './beyond-the-original.ts';
import { createCharactersRoutes } from './characters.ts';
import type { V1Deps } from './deps.ts';
import { createDerivedVideosRoutes } from './derived-videos.ts';
import { createEventsRoutes, createVideoEventsRoutes } from './events.ts';
import { createFilesRoutes } from './files.ts';
import { createModelsRoutes } from './models.ts';
import { createUsageRoutes } from './usage.ts';
import { createVideoContentRoutes } from './video-content.ts';
import { createVideosRoutes } from './videos.ts';
import {
  createWebhookDeliveriesRoutes,
  createWebhookEndpointsRoutes,
  createWebhookEventTypesRoutes,
} from './webhook-endpoints.ts';

/** The whole of `/v1`. Names such as `edits` stand where ids can, so they come first. */
export function createV1Routes(deps: V1Deps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>({ router: new TrieRouter() })
    .route('/models', createModelsRoutes(deps))
    .route('/files', createFilesRoutes(deps))
    .route('/', createUsageRoutes(deps))
    .route('/webhook_endpoints', createWebhookEndpointsRoutes(deps))
    .route('/webhook_event_types', createWebhookEventTypesRoutes())
    .route('/webhook_deliveries', createWebhookDeliveriesRoutes(deps))
    .route('/events', createEventsRoutes(deps))
    .route('/videos/characters', createCharactersRoutes(deps))
    .route('/videos', createDerivedVideosRoutes(deps))
    .route('/videos', createBeyondTheOriginalRoutes(deps))
    .route('/videos', createVideosRoutes(deps))
    .route('/videos', createVideoEventsRoutes(deps))
    .route('/videos', createVideoContentRoutes(deps));
}
