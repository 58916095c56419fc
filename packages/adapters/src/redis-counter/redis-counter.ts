import type { BudgetState, Log, RequestCounter } from '@reelgate/core/ports';
import { Redis } from 'ioredis';

/** A request does not wait longer than this for its count, in ms. */
const ANSWER_MS = 100;

/**
 * The sums of core's `gcra.ts`, in whole microseconds of Redis's own clock. A budget that is whole again is gone.
 * KEYS: one for each budget. ARGV: for each, microseconds that one request takes and how many may be spent at once.
 * Answers 1 or 0, and for each budget what remains, and microseconds to its reset and to the next request.
 */
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local before, after, early = {}, {}, {}
local allowed = 1
for i, key in ipairs(KEYS) do
  local request, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  before[i] = math.max(tonumber(redis.call('GET', key) or now), now)
  after[i] = before[i] + request
  early[i] = after[i] - burst * request - now
  if early[i] > 0 then allowed = 0 end
end
local answer = { allowed }
for i, key in ipairs(KEYS) do
  local request, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local whole = before[i]
  if allowed == 1 then
    whole = after[i]
    redis.call('SET', key, string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
  end
  answer[#answer + 1] = math.max(0, math.floor(burst - (whole - now) / request))
  answer[#answer + 1] = whole - now
  answer[#answer + 1] = math.max(0, early[i])
  if allowed == 1 then answer[#answer] = 0 end
end
return answer`;

interface Commands {
  takeRequests(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
}

/** Counts in Redis, for all gateways together, in one call. Throws soon where Redis is away; it comes back by itself. */
export function createRedisCounter(options: { url: string; log: Log; prefix?: string }): RequestCounter & {
  close(): Promise<void>;
} {
  const { prefix = 'reelgate' } = options;
  const client = new Redis(options.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: ANSWER_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  // Told by whoever gets no count.
  client.on('error', () => {});
  client.defineCommand('takeRequests', { lua: TAKE });
  const commands = client as unknown as Commands;

  return {
    async take(budgets) {
      // One hash tag, so that a cluster keeps the budgets of a request together.
      const keys = budgets.map(({ id }) => `${prefix}:{requests}:${id}`);
      const settings = budgets.flatMap(({ perMinute }) => [
        Math.round(60_000_000 / perMinute),
        Math.max(1, Math.floor(perMinute)),
      ]);
      const [allowed, ...figures] = await commands.takeRequests(keys.length, ...keys, ...settings);
      const states = budgets.map((_, index): BudgetState => {
        const [remaining = 0, resetMicros = 0, retryMicros = 0] = figures.slice(index * 3, index * 3 + 3);
        return {
          remaining,
          resetMs: Math.ceil(resetMicros / 1_000),
          retryAfterMs: Math.ceil(retryMicros / 1_000),
        };
      });
      return { allowed: allowed === 1, states };
    },
    async close() {
      client.disconnect();
    },
  };
}
