import type { CallerContext, SecretBox, UpstreamDirectory, WebhookTransport } from '@reelgate/core';
import type { Database } from '@reelgate/db';

/** What the commands work with, made when a command first asks for it. */
export interface Deployment {
  migrate(): Promise<void>;
  database(): Database;
  keyPepper(): string;
  secretBox(): SecretBox;
  passwords(): Promise<Passwords>;
  webhooks(): WebhookTransport;
  /** Asks on behalf of a team; of the ports it has the object store only. */
  openArchive(teamId: string): Promise<Archive>;
  /** The upstreams of the configuration file; closed with everything else. */
  openUpstreams(): Promise<UpstreamDirectory>;
}

export interface Passwords {
  make(): string;
  hash(password: string): Promise<string>;
}

export interface Archive {
  readonly context: CallerContext;
  /** A file path or an `s3://` URL. */
  locationOf(objectKey: string): string;
}
