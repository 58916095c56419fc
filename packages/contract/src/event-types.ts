/** The types of events, by themselves: the dashboard has them without the schemas. */

/** Of these every video has at most one each, ever. */
export const VIDEO_EVENT_TYPES = [
  'video.queued',
  'video.in_progress',
  'video.rendered',
  'video.at_risk',
  'video.completed',
  'video.failed',
  'video.deleted',
] as const;

export const EVENT_TYPES = [
  ...VIDEO_EVENT_TYPES,
  'quota.threshold_reached',
  'quota.exhausted',
  'budget_request.created',
  'api_key.paused',
  'webhook_endpoint.disabled',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What an endpoint is told that does not say what it wants: the types that OpenAI has. */
export const DEFAULT_EVENT_TYPES = ['video.completed', 'video.failed'] as const satisfies EventType[];
