import { ReelgateError } from './errors.ts';

/** Nobody knows how long; asked again so often it costs nothing. */
const RETRY_AFTER_S = 300;

/** An administrator has closed the upstream for new videos, for a while or for good. */
export function closedUpstream(): ReelgateError {
  return new ReelgateError(
    'service_unavailable',
    'This model takes no new videos at the moment: an administrator of Reelgate has closed its upstream for them. Nothing was created and nothing was charged. Try again later, or use another model.',
    { retryAfterSeconds: RETRY_AFTER_S, param: 'model' },
  );
}
