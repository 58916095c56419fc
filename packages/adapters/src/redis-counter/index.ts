export { createRedisCounter } from './redis-counter.ts';
