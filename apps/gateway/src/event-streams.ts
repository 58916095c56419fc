import { setTimeout as wait } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { EventReader, EventRow } from '@reelgate/core';
import { ReelgateError } from '@reelgate/core';
import type { Signals } from '@reelgate/db';
import type { Logger } from '@reelgate/runtime';
import type { Context } from 'hono';
import type { GatewayEnv } from './gateway-env.ts';

/** At once for one team in one process. */
const STREAMS_PER_TEAM = 20;
/** How often to look where no signal came. */
const POLL_MS = 2_000;
const HEARTBEAT_MS = 15_000;
/** How long a reader may take nothing before it is cut; it comes back and goes on where it was. */
const STALL_MS = 30_000;
/** How soon a client should come back, in ms. */
const RETRY_MS = 1_000;

export interface EventStreams {
  /**
   * Answers with server-sent events until the reader leaves, `isLast` was sent, the process stops, or `allowed` throws, which is asked
   * at each heartbeat. At the reader's pace: there is one page in memory and no more. Throws `rate_limit_exceeded` for one too many.
   */
  send(
    c: Context<GatewayEnv>,
    stream: {
      readonly reader: EventReader;
      readonly isLast: (event: EventRow) => boolean;
      readonly allowed: () => Promise<void>;
      /** Where nothing can happen any more: ends once everything is sent. */
      readonly untilQuiet?: boolean;
    },
  ): Promise<Response>;
}

export function createEventStreams(deps: {
  readonly signals: Pick<Signals, 'subscribe'>;
  readonly draining: () => boolean;
  readonly log: Logger;
}): EventStreams {
  const { signals, draining, log } = deps;
  const open = new Map<string, Set<() => void>>();
  signals.subscribe('events', {
    notified: (teamId) => {
      for (const wake of open.get(teamId) ?? []) wake();
    },
    missed: () => {
      for (const team of open.values()) for (const wake of team) wake();
    },
  });

  return {
    async send(c, { reader, isLast, allowed, untilQuiet = false }) {
      const { incoming, outgoing } = c.env;
      const { teamId } = c.var.principal;
      const ofTeam = open.get(teamId) ?? new Set();
      if (ofTeam.size >= STREAMS_PER_TEAM) {
        throw new ReelgateError(
          'rate_limit_exceeded',
          `Your team has ${STREAMS_PER_TEAM} event streams open here already. Close one of them first.`,
          { retryAfterSeconds: 5 },
        );
      }
      outgoing.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // For proxies that would collect an answer before they pass it on.
        'x-accel-buffering': 'no',
      });
      if (incoming.method === 'HEAD') {
        outgoing.end();
        return RESPONSE_ALREADY_SENT;
      }
      let wake = Promise.withResolvers<void>();
      const awaken = () => wake.resolve();
      open.set(teamId, ofTeam.add(awaken));
      outgoing.once('close', awaken);
      let quietSince = performance.now();
      const write = async (text: string) => {
        quietSince = performance.now();
        if (outgoing.write(text) || outgoing.destroyed) return;
        await drained(outgoing);
      };
      try {
        await write(`retry: ${RETRY_MS}\n\n`);
        while (!outgoing.destroyed && !draining()) {
          // Before the look, so that a signal during it is not lost.
          wake = Promise.withResolvers();
          const events = await reader.next();
          for (const event of events) {
            await write(eventText(event));
            if (isLast(event) || outgoing.destroyed) return RESPONSE_ALREADY_SENT;
          }
          if (events.length > 0) continue;
          if (untilQuiet) return RESPONSE_ALREADY_SENT;
          if (performance.now() - quietSince >= HEARTBEAT_MS) {
            await allowed();
            await write(': still here\n\n');
          }
          await atMost(POLL_MS, wake.promise);
        }
      } catch (error) {
        // The answer has begun: it can only end, and its reader comes back and is told why, if there is a reason.
        log.info('events.stream_ended', { requestId: c.var.record.id, teamId, error });
      } finally {
        ofTeam.delete(awaken);
        if (ofTeam.size === 0 && open.get(teamId) === ofTeam) open.delete(teamId);
        outgoing.off('close', awaken);
        outgoing.end();
      }
      return RESPONSE_ALREADY_SENT;
    },
  };
}

function eventText(event: EventRow): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${event.payload.toString('utf8')}\n\n`;
}

/** Throws where the reader takes nothing for too long. */
async function drained(outgoing: Context<GatewayEnv>['env']['outgoing']): Promise<void> {
  const free = Promise.withResolvers<void>();
  outgoing.once('drain', free.resolve).once('close', free.resolve);
  const stalled = new AbortController();
  try {
    await Promise.race([
      free.promise,
      wait(STALL_MS, undefined, { signal: stalled.signal }).then(() => {
        outgoing.destroy();
        throw new Error('the reader of an event stream has stalled');
      }),
    ]);
  } finally {
    stalled.abort();
    outgoing.off('drain', free.resolve).off('close', free.resolve);
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, wait(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
