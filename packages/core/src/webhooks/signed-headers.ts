import { Webhook } from 'standardwebhooks';

/** Standard Webhooks headers. During a rotation every living secret signs. */
export function signedHeaders(
  eventId: string,
  payload: Buffer,
  secrets: readonly string[],
  at: Date,
): Record<string, string> {
  const body = payload.toString('utf8');
  return {
    ...PLAIN_HEADERS,
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' '),
  };
}

export const PLAIN_HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'Reelgate/1.0 (webhooks)',
} as const;
