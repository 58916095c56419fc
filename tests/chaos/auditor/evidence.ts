/** What the auditor looks at. Nothing here is ours but the rows: it would believe the same lies. */
import type pg from 'pg';

/** What somebody once asked for, and everything that they saw of it. */
export interface Intent {
  readonly no: number;
  readonly teamId: string;
  readonly promptSha256: string;
  /** Null where it was sent without one. */
  readonly idempotencyKey: string | null;
  /** Every id that it was ever answered with. */
  readonly answers: readonly string[];
  /** Status after status, each once as long as it stays. */
  readonly statuses: readonly string[];
  /** SHA-256 of what was downloaded as the whole video. */
  readonly downloads: readonly string[];
  readonly deleted: boolean;
  /** At the very end: what reading it gave; null where that was not tried. */
  readonly finalStatus: string | null;
}

/** One webhook as its receiver saw it. */
export interface ReceivedWebhook {
  readonly teamId: string;
  readonly webhookId: string;
  readonly body: string;
  readonly verified: boolean;
  readonly accepted: boolean;
}

/** A video as the upstream knows it. */
export interface TruthVideo {
  readonly id: string;
  readonly prompt_sha256: string;
  readonly status: string;
  readonly deleted: boolean;
  readonly charged_micro_usd: number;
  readonly content: Readonly<Record<string, { readonly bytes: number; readonly sha256: string } | null>>;
}

export interface Evidence {
  readonly database: pg.Client;
  readonly truth: readonly TruthVideo[];
  readonly objects: {
    list(): Promise<readonly { readonly key: string; readonly modifiedAt: Date }[]>;
    /** Null where there is no such object. */
    sha256(key: string): Promise<string | null>;
  };
  readonly received: readonly ReceivedWebhook[];
  readonly intents: readonly Intent[];
  /** Objects that nothing refers to may be so old: a clean-up comes by. */
  readonly objectGraceMs: number;
}

export interface Finding {
  /** The invariant that it breaks; docs/reliability.md tells what each promises. */
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly what: string;
  /** Of a video, an event, an object: where to look. */
  readonly id: string;
}

export interface Section {
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<string, number>>;
}
