import type { EraseResult, UpstreamHandle } from '@reelgate/core/ports';
import { request } from 'undici';
import { failureCode } from './classify.ts';
import type { Target } from './target.ts';

/** Deletes a video there. One that it does not know is gone as well. */
export async function erase(target: Target, handle: UpstreamHandle): Promise<EraseResult> {
  const url = target.url(`/videos/${encodeURIComponent(handle.id)}`);
  try {
    const { statusCode, body } = await request(url, {
      method: 'DELETE',
      dispatcher: target.agent,
      headers: { ...target.headers(url), accept: 'application/json' },
      signal: AbortSignal.timeout(target.timeouts.readTotalMs),
    });
    await body.dump();
    const gone = (statusCode >= 200 && statusCode < 300) || statusCode === 404 || statusCode === 410;
    return gone ? { kind: 'erased' } : { kind: 'unavailable', reason: `http_${statusCode}` };
  } catch (error) {
    return { kind: 'unavailable', reason: failureCode(error) };
  }
}
