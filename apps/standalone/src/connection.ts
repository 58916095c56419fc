/** What connection.json tells whoever wants to talk to the running stack. It exists while the stack is ready. */
export interface Connection {
  /** For SDKs, with `/v1`. */
  readonly baseURL: string;
  readonly apiKey: string;
  /** For the Admin API, at `publicURL` with `/admin/v1`. */
  readonly adminKey: string;
  /** The gateway's origin. */
  readonly publicURL: string;
  /** Who signs in to the dashboard, at `publicURL`, with the password of the first run. */
  readonly admin: { readonly email: string; readonly password: string } | null;
  /** The upstream, with `/v1`. */
  readonly simulatorURL: string;
  /** Where the simulator is told to misbehave and asked for the truth. */
  readonly simulatorControlURL: string;
  readonly webhookSecret: string;
  /** `POST` receives, `GET deliveries` shows. */
  readonly webhookInboxURL: string;
  /** Private networks that webhooks may be sent to, comma-separated. */
  readonly webhookAllowedCidrs: string;
  readonly databaseURL: string;
  readonly redisURL: string | null;
  readonly s3: S3Connection | null;
  /** Where archived videos are, without S3. */
  readonly objectsDirectory: string | null;
  readonly pids: Readonly<Record<string, number>>;
}

export interface S3Connection {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string | null;
  readonly secretAccessKey: string | null;
}
