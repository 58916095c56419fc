/** A consumer in a process of its own, to be killed: says when it has a job and never ends it. */
import { createJobConsumer, type JobHandlers } from '@reelgate/adapters/bullmq';
import { JOB_NAMES } from '@reelgate/core/jobs';

const options: { redisUrl?: string; databaseUrl: string; prefix: string; lockDurationMs: number } =
  JSON.parse(process.argv[2] ?? '');
const hold = (payload: unknown): Promise<never> => {
  process.send?.({ payload });
  return new Promise(() => {});
};
const ignore = () => {};

createJobConsumer({
  ...options,
  handlers: Object.fromEntries(JOB_NAMES.map((name) => [name, hold])) as unknown as JobHandlers,
  log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
});
