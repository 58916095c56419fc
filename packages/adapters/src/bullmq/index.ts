export { createJobConsumer, type JobConsumer, type JobHandlers } from './job-consumer.ts';
export { createJobQueue, type JobQueueHandle } from './job-queue.ts';
