import { pipeline } from 'node:stream/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ObjectStore } from '@reelgate/core';
import type { Logger } from '@reelgate/runtime';
import type { Context } from 'hono';
import { ApiError } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';
import { elapsedMs } from './middleware/request-log.ts';
import { chooseRange, matchesEtag } from './range.ts';

interface ServedObject {
  readonly key: string;
  /** Of the whole object. */
  readonly bytes: number;
  readonly contentType: string;
  /** Quoted, strong. */
  readonly etag: string;
  readonly disposition: string;
}

/** What its row says of a stored object. */
interface StoredObject {
  readonly objectKey: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly sha256: string;
}

/** As the row of a stored object says what it is. */
export function servedAs(stored: StoredObject, disposition: string): ServedObject {
  const { objectKey, bytes, contentType, sha256 } = stored;
  return { key: objectKey, bytes, contentType, etag: `"${sha256}"`, disposition };
}

/**
 * Answers with a stored object or a range of it. The bytes go from the store straight into Node's response: at its reader's
 * pace, and no further once that reader has left.
 */
export async function sendObject(
  c: Context<GatewayEnv>,
  deps: { readonly store: ObjectStore; readonly log: Pick<Logger, 'error' | 'info' | 'warn'> },
  object: ServedObject,
): Promise<Response> {
  const { incoming, outgoing } = c.env;
  const { headers: asked } = incoming;
  const headers = {
    'content-type': object.contentType,
    'content-disposition': object.disposition,
    'accept-ranges': 'bytes',
    etag: object.etag,
    'cache-control': 'private',
  };
  if (matchesEtag(asked['if-none-match'], object.etag)) return c.body(null, 304, headers);
  if (incoming.method === 'HEAD') {
    return c.body(null, 200, { ...headers, 'content-length': String(object.bytes) });
  }
  const ifRange = asked['if-range'];
  const range = chooseRange(asked.range, typeof ifRange === 'string' ? ifRange : undefined, object);
  if (range === 'unsatisfiable') {
    throw new ApiError(416, 'The requested range lies outside of the content.', {
      code: 'range_not_satisfiable',
      headers: { 'content-range': `bytes */${object.bytes}`, etag: object.etag },
    });
  }

  const found = await deps.store.get(object.key, range ? { range } : {}).catch((error: unknown) => {
    deps.log.warn('content.store_failed', {
      requestId: c.var.record.id,
      videoId: c.var.record.videoId,
      error,
    });
    throw new ApiError(503, 'The content cannot be read at the moment. Please try again shortly.', {
      type: 'server_error',
      code: 'service_unavailable',
      headers: { 'x-should-retry': 'true', 'retry-after': '1', 'retry-after-ms': '1000' },
    });
  });
  if (found === null || found.totalBytes !== object.bytes) {
    found?.body.destroy();
    deps.log.error('content.not_as_recorded', {
      requestId: c.var.record.id,
      videoId: c.var.record.videoId,
      expectedBytes: object.bytes,
      foundBytes: found?.totalBytes,
    });
    throw new Error('the store does not have what is recorded');
  }

  outgoing.setHeader('openai-processing-ms', String(elapsedMs(c.var.record)));
  outgoing.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': found.contentLength,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${object.bytes}` }),
  });
  try {
    await pipeline(found.body, outgoing);
  } catch (error) {
    // Either way the connection is gone, so that nobody takes a part for the whole. A client that left is no news.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      deps.log.warn('content.broke_off', {
        requestId: c.var.record.id,
        videoId: c.var.record.videoId,
        error,
      });
    }
  }
  return RESPONSE_ALREADY_SENT;
}
