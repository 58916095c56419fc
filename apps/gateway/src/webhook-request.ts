/** What requests about webhooks and events bring along. */
import {
  DELIVERY_ID_PATTERN,
  EVENT_ID_PATTERN,
  LIMITS,
  WEBHOOK_ENDPOINT_ID_PATTERN,
} from '@reelgate/contract';
import { ReelgateError } from '@reelgate/core';
import type { Context } from 'hono';
import type { z } from 'zod';
import { assertStorable, parseWith } from './admin/parse.ts';
import { badRequest } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';
import { single } from './list-query.ts';
import type { WithFields } from './request-fields.ts';

/** The fields of a JSON body by their schema; a body that is not there is one without fields. */
export async function jsonBody<T extends z.ZodType>(
  c: Context<GatewayEnv>,
  withFields: WithFields,
  schema: T,
): Promise<z.output<T>> {
  const { headers } = c.env.incoming;
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  if (isEmpty) return parseWith(schema, {});
  return await withFields(c.env.incoming, { file: null }, async (fields) => parseWith(schema, fields));
}

/** The parameters that the schema knows; others are ignored, as the original does. */
export function queryOf<T extends z.ZodObject>(c: Context<GatewayEnv>, schema: T): z.output<T> {
  const query = new URL(c.req.url).searchParams;
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = single(query, name);
    if (value !== undefined) given[name] = assertStorable(name, value);
  }
  return parseWith(schema, given);
}

export function limitOf(limit: string | undefined): number {
  const count = Number(limit ?? LIMITS.listDefault);
  if (count <= LIMITS.listMax) return count;
  throw badRequest(
    'invalid_value',
    `Invalid 'limit': expected an integer from 0 to ${LIMITS.listMax}.`,
    'limit',
  );
}

/** What cannot be an id is answered like one that does not exist, without a look-up. */
function idOf(
  c: Context<GatewayEnv>,
  name: string,
  pattern: RegExp,
  code: ConstructorParameters<typeof ReelgateError>[0],
  what: string,
): string {
  const id = c.req.param(name) ?? '';
  if (pattern.test(id)) return id;
  throw new ReelgateError(code, `There is no ${what} '${id.slice(0, 80)}'.`);
}

export const endpointIdOf = (c: Context<GatewayEnv>) =>
  idOf(c, 'endpointId', WEBHOOK_ENDPOINT_ID_PATTERN, 'webhook_endpoint_not_found', 'webhook endpoint');
export const deliveryIdOf = (c: Context<GatewayEnv>) =>
  idOf(c, 'deliveryId', DELIVERY_ID_PATTERN, 'webhook_delivery_not_found', 'webhook delivery');
export const eventIdOf = (c: Context<GatewayEnv>) =>
  idOf(c, 'eventId', EVENT_ID_PATTERN, 'event_not_found', 'event');

/** Of an event that a page or a stream goes on behind. */
export function givenEventId(id: string): string {
  if (EVENT_ID_PATTERN.test(id)) return id;
  throw new ReelgateError('event_not_found', `There is no event '${id.slice(0, 80)}'.`);
}
