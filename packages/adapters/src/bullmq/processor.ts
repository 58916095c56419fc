import { JOBS, type JobName, type Outcome } from '@reelgate/core/jobs';
import type { Log } from '@reelgate/core/ports';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { describeError } from './error-log.ts';

/**
 * One job as BullMQ calls for it: checks the payload, runs the handler, turns its outcome into BullMQ's terms and writes
 * the job's one log line. Every way out but a snooze and a give-back ends the job; what is still due, the reconciler
 * enqueues again.
 */
export function createProcessor(deps: {
  readonly name: JobName;
  readonly handle: (payload: unknown) => Promise<Outcome>;
  /** Aborted when no further job is to be started. */
  readonly stopping: AbortSignal;
  /** Aborted when the process cannot wait longer for its handlers. */
  readonly givingBack: AbortSignal;
  readonly onError?: ((error: unknown, job: JobName) => void) | undefined;
  readonly log: Log;
}): (job: Job, token?: string) => Promise<void> {
  const { name, handle, stopping, givingBack, onError, log } = deps;

  return async (job, token) => {
    const startedAt = Date.now();
    const ids = JOBS[name].payload.safeParse(job.data);
    const line = (outcome: string) => ({
      job: name,
      jobId: job.id,
      ...(ids.success ? ids.data : {}),
      outcome,
      // How long a job that was due waited for a free worker. BullMQ does not keep when a snoozed one was due.
      waitMs:
        job.attemptsStarted > 1 ? undefined : Math.max(0, startedAt - job.timestamp - (job.opts.delay ?? 0)),
      runMs: Date.now() - startedAt,
    });

    if (!ids.success) {
      log.error('job', {
        ...line('invalid_payload'),
        fields: ids.error.issues.map((issue) => issue.path.join('.')),
      });
      throw new UnrecoverableError('invalid payload');
    }

    let outcome: Outcome | 'given_back';
    const release = whenAborted(givingBack);
    try {
      // BullMQ may still hand out a job that it was fetching when it was told to close.
      outcome = stopping.aborted ? 'given_back' : await Promise.race([handle(ids.data), release.promise]);
    } catch (error) {
      log.error('job', { ...line('threw'), ...errorFields(error) });
      onError?.(error, name);
      throw error;
    } finally {
      release.forget();
    }

    try {
      if (outcome === 'given_back') await job.moveToWait(token);
      else if (outcome.kind === 'snooze') await job.moveToDelayed(outcome.until.getTime(), token);
    } catch (error) {
      log.error('job', { ...line('lost'), ...errorFields(error) });
      throw error;
    }

    if (outcome === 'given_back') {
      log.warn('job', line('given_back'));
      throw new WaitingError();
    }
    if (outcome.kind === 'snooze') {
      log.info('job', { ...line('snooze'), until: outcome.until.toISOString() });
      throw new DelayedError();
    }
    if (outcome.kind === 'give_up') {
      log.warn('job', { ...line('give_up'), reason: outcome.reason });
      throw new UnrecoverableError(outcome.reason);
    }
    log.info('job', line('done'));
  };
}

function errorFields(error: unknown): Record<string, unknown> {
  const { name, code, message } = describeError(error);
  return { error: name, code, message, stack: error instanceof Error ? error.stack : undefined };
}

/** The signal outlives thousands of jobs, so each takes its listener away again. */
function whenAborted(signal: AbortSignal): { readonly promise: Promise<'given_back'>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<'given_back'>();
  const onAbort = () => resolve('given_back');
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
