import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** What `npm start` tells in its home about the stack it runs there, as environment variables; empty where none runs. */
export async function variablesOfRunningStack(home: string): Promise<Variables> {
  const [connection, secrets] = await Promise.all([
    readJson<Connection>(join(home, 'connection.json')),
    readJson<Secrets>(join(home, 'secrets.json')),
  ]);
  if (!connection || !secrets) return {};
  const { s3, objectsDirectory } = connection;
  return {
    DATABASE_URL: connection.databaseURL,
    REELGATE_CONFIG: join(home, 'reelgate.yaml'),
    PUBLIC_URL: connection.publicURL,
    REELGATE_KEY_PEPPER: secrets.keyPepper,
    REELGATE_SECRET_KEY: secrets.secretKey,
    WEBHOOK_ALLOWED_CIDRS: connection.webhookAllowedCidrs,
    ...(objectsDirectory !== null && { OBJECTS_DIRECTORY: objectsDirectory }),
    ...(s3 && {
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: s3.bucket,
      S3_REGION: s3.region,
      S3_ACCESS_KEY_ID: s3.accessKeyId ?? undefined,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey ?? undefined,
    }),
  };
}

interface Connection {
  databaseURL: string;
  publicURL: string;
  webhookAllowedCidrs: string;
  objectsDirectory: string | null;
  s3: {
    endpoint: string;
    bucket: string;
    region: string;
    accessKeyId: string | null;
    secretAccessKey: string | null;
  } | null;
}

interface Secrets {
  keyPepper: string;
  secretKey: string;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
