import { Webhook } from 'standardwebhooks';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { hurryAnyRender, recordHook } from './queries/index.ts';

/** What an upstream has posted, as it came. */
export interface UpstreamHook {
  readonly accountId: string;
  /** Of Standard Webhooks; absent where the upstream does not sign. */
  readonly secret: string | undefined;
  readonly headers: { readonly id: string; readonly timestamp: string; readonly signature: string };
  readonly body: string;
}

/** `forged`: the signature is not right. `repeated`: it was heard before. `unknown`: it is about no render of ours. */
export type HookOutcome = 'heard' | 'forged' | 'repeated' | 'unknown' | 'unreadable';

/**
 * An upstream says that something happened to a video. That is a hint to look at once, and nothing more: whatever it says is only
 * believed when the upstream itself is asked.
 */
export async function receiveUpstreamHook(ctx: ServiceContext, hook: UpstreamHook): Promise<HookOutcome> {
  const { accountId, secret, headers, body } = hook;
  const upstreamId = videoIdOf(body);
  if (upstreamId === undefined) return 'unreadable';
  if (secret !== undefined && !isSigned(secret, hook)) return 'forged';
  if (headers.id !== '' && !(await recordHook(ctx.db, accountId, headers.id.slice(0, 200))))
    return 'repeated';
  const videoId = await hurryAnyRender(ctx.db, accountId, upstreamId);
  if (videoId === null) return 'unknown';
  await hint(ctx, { name: 'poll-video', payload: { videoId } });
  return 'heard';
}

function isSigned(secret: string, { headers, body }: UpstreamHook): boolean {
  try {
    new Webhook(secret).verify(body, {
      'webhook-id': headers.id,
      'webhook-timestamp': headers.timestamp,
      'webhook-signature': headers.signature,
    });
    return true;
  } catch {
    return false;
  }
}

/** The Videos API puts it into `data`; others say it at the top. */
function videoIdOf(body: string): string | undefined {
  try {
    const event = JSON.parse(body) as { id?: unknown; data?: { id?: unknown } } | null;
    const id = event?.data?.id ?? event?.id;
    return typeof id === 'string' && id.length <= 500 ? id : undefined;
  } catch {
    return undefined;
  }
}
