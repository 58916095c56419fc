import { checkObjectStoreChoice, serverVariables, variable } from '@reelgate/runtime';
import { z } from 'zod';

export const environmentSchema = z
  .object({
    PORT: variable.port().default(8080).describe('Port to listen on; 0 takes a free one.'),
    HOST: variable.text().default('0.0.0.0').describe('Address to listen on.'),
    ...serverVariables,
    REELGATE_KEY_PEPPER: variable
      .secret({ minLength: 16 })
      .describe('Mixed into the hash of every API key. Changing it makes every key invalid.'),
    INLINE_SUBMIT_WAIT: variable
      .durationMs()
      .default(20_000)
      .describe('How long a create waits for its upstream before it answers `queued` and goes on by itself.'),
    BODY_TIMEOUT: variable
      .durationMs()
      .default(30_000)
      .describe('How long a caller may take to send the body of a request without files.'),
    IDLE_TIMEOUT: variable
      .durationMs()
      .default(120_000)
      .describe(
        'A connection on which nothing moves for this long is closed, also in the middle of a download.',
      ),
    KEEP_ALIVE_TIMEOUT: variable
      .durationMs()
      .default(75_000)
      .describe(
        'How long an idle connection is kept; longer than the idle time of the load balancer in front.',
      ),
    SHUTDOWN_DELAY: variable
      .durationMs()
      .default(0)
      .describe('How long to be not ready before the listener closes, so that load balancers notice.'),
  })
  .superRefine(checkObjectStoreChoice);
