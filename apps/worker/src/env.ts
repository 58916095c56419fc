import { DEFAULT_PACE, DEFAULT_TIMING } from '@reelgate/core';
import { checkObjectStoreChoice, serverVariables, variable } from '@reelgate/runtime';
import { z } from 'zod';

export const environmentSchema = z
  .object({
    HEALTH_PORT: variable.port().default(8081).describe('Port of the health checks; 0 takes a free one.'),
    HOST: variable.text().default('0.0.0.0').describe('Address of the health checks.'),
    ...serverVariables,
    WEBHOOK_CONCURRENCY: variable
      .integer({ min: 2, max: 2_000 })
      .default(200)
      .describe(
        'Most webhooks under way at once in this process; no endpoint has more than WEBHOOK_PER_ENDPOINT of them.',
      ),
    WEBHOOK_PER_ENDPOINT: variable
      .integer({ min: 1, max: 100 })
      .default(DEFAULT_PACE.perEndpoint)
      .describe('Most webhooks under way at once to one endpoint, over all workers.'),
    WEBHOOK_RATE: variable
      .integer({ min: 1, max: 10_000 })
      .default(DEFAULT_PACE.ratePerSecond)
      .describe('Webhooks a second that one endpoint is sent, on average.'),
    WEBHOOK_BURST: variable
      .integer({ min: 1, max: 100_000 })
      .default(DEFAULT_PACE.burst)
      .describe('How many of them may come at once when none came for a while.'),
    EVENT_RETENTION: variable
      .durationMs()
      .default(DEFAULT_TIMING.eventsKeptMs)
      .describe(
        'How long events are kept, with the webhooks that told of them; what still waits to be sent is kept in any case.',
      ),
    SEARCH_TIME: variable
      .durationMs()
      .default(600_000)
      .describe('How long a create whose answer was lost is looked for before it counts as never made.'),
    SEARCH_HORIZON: variable
      .durationMs()
      .default(3_600_000)
      .describe(
        'How much longer it is looked for, and its reservation kept, because what turns up after all is paid for.',
      ),
    ARCHIVE_LANES: variable
      .integer({ min: 1, max: 64 })
      .default(4)
      .describe('Videos that are archived at once; one more where its time runs out.'),
    ARCHIVE_SPOOL_DIRECTORY: variable
      .text()
      .optional()
      .describe(
        'Directory on a volume that outlives the worker, for videos that would expire while no object store takes them.',
      ),
    ARCHIVE_SPOOL_MAX_BYTES: variable
      .bytes()
      .default(20 * 2 ** 30)
      .describe('What that directory may hold.'),
    RENDER_TIMEOUT: variable
      .durationMs()
      .default(24 * 3_600_000)
      .describe('The longest that a render may take before it is given up.'),
    DELETE_UNDO_WINDOW: variable
      .durationMs()
      .default(24 * 3_600_000)
      .describe('How long an administrator can undo a deletion: the bytes stay for that long.'),
    GARBAGE_GRACE: variable
      .durationMs()
      .default(7 * 24 * 3_600_000)
      .describe('How old an object must be that nothing refers to, before it is deleted.'),
    RECONCILE_INTERVAL: variable
      .durationMs()
      .default(5_000)
      .describe('How often to look for work that is overdue because its hint was lost.'),
    SHUTDOWN_TIMEOUT: variable
      .durationMs()
      .default(25_000)
      .describe('How long to wait for jobs under way when told to stop.'),
  })
  .superRefine(checkObjectStoreChoice);
