export { createJobConsumer, type JobConsumer, type JobHandlers } from './job-consumer.ts';
export { createJobQueue } from './job-queue.ts';
