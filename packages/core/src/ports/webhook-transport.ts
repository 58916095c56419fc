export type WebhookResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly responseHeaders: Readonly<Record<string, string>>;
      /** The first 4 KiB of the body, as text. */
      readonly responseHead: string;
      readonly retryAfterSeconds?: number;
      readonly resolvedIp?: string;
      readonly durationMs: number;
    }
  /** No answer: refused address, connection error, time-out. `reason` is a short code such as `address_forbidden` or `timeout`. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly resolvedIp?: string;
      readonly durationMs: number;
    };

/** Posts a webhook to an address that a caller chose: refuses private addresses, follows no redirect, reads little. Never throws. */
export interface WebhookTransport {
  post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<WebhookResult>;
  /**
   * Why this URL may not be used, or null: its form, and the addresses that its name has now. Each attempt checks them again. A name
   * that has none at the moment is not refused. Never throws.
   */
  refusal(url: string): Promise<string | null>;
}
