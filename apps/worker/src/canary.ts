import { setTimeout as wait } from 'node:timers/promises';
import type { JobConsumer, JobQueueHandle } from '@reelgate/adapters/bullmq';
import { JOB_NAMES, type JobName, type Log } from '@reelgate/core';
import type { Metrics } from '@reelgate/runtime';

/** Between two canaries, and how long a queue may be silent to an idle worker, in ms. */
const EVERY_MS = 10_000;
const SILENT_MS = 60_000;

/**
 * A queue can take jobs, answer pings, and hand nothing out any more, without an error. So a job that does nothing is put into each
 * queue every ten seconds. Where an idle worker hears of none for a minute it is made anew; where that does not help, and jobs wait,
 * `onWedged` ends the process. Work goes on meanwhile, by the reconciler.
 */
export function startCanary(deps: {
  readonly queue: Pick<JobQueueHandle, 'sendCanaries' | 'waiting'>;
  readonly consumer: Pick<JobConsumer, 'silence' | 'renew'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onWedged: () => void;
  readonly everyMs?: number;
  readonly silentMs?: number;
}): { stop(): Promise<void> } {
  const { queue, consumer, log, metrics, onWedged, everyMs = EVERY_MS, silentMs = SILENT_MS } = deps;
  const stopping = new AbortController();
  const renewedAts = new Map<JobName, number>();
  let away = false;
  metrics.gauge('queue_away', 'Whether the queue does not take jobs.', [], () => [{ value: away ? 1 : 0 }]);
  metrics.gauge(
    'canary_silent_seconds',
    'How long an idle worker has heard nothing of its queue.',
    ['job'],
    () => JOB_NAMES.map((job) => ({ labels: { job }, value: consumer.silence(job) / 1_000 })),
  );

  const look = async (job: JobName) => {
    const silence = consumer.silence(job);
    const renewedAt = renewedAts.get(job);
    // Being made anew is no sign of life; what it is given after that is.
    if (renewedAt !== undefined && silence < performance.now() - renewedAt) renewedAts.delete(job);
    if (silence < silentMs) return;
    if (!renewedAts.has(job)) {
      log.error('queue.wedged', { job, decision: 'renewed' });
      await consumer.renew(job);
      renewedAts.set(job, performance.now());
      return;
    }
    if ((await queue.waiting(job)) > 0) {
      log.error('queue.wedged', { job, decision: 'ended' });
      onWedged();
    }
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        await queue.sendCanaries();
        away = false;
        for (const job of JOB_NAMES) await look(job);
      } catch (error) {
        // Away is not wedged: the reconciler does the work, and the silence is no sign.
        away = true;
        for (const job of JOB_NAMES) consumer.silence(job, 'forgive');
        log.warn('queue.away', { error });
      }
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}
