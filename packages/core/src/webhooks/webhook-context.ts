import type { Database } from '@reelgate/db';
import type { Actor, SecretBox } from '../context.ts';
import type { WebhookTransport } from '../ports/index.ts';

/** What the verbs about endpoints work with. */
export interface WebhookContext {
  readonly db: Database;
  readonly secretBox: SecretBox;
  readonly webhooks: WebhookTransport;
  /** An administrator, whose changes go into the audit log. */
  readonly actor?: Actor | undefined;
}
