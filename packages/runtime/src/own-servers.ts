interface Addresses {
  readonly DATABASE_URL?: string | undefined;
  readonly REDIS_URL?: string | undefined;
  readonly S3_ENDPOINT?: string | undefined;
  readonly S3_FALLBACK_ENDPOINT?: string | undefined;
  readonly PUBLIC_URL?: string | undefined;
  readonly PORT?: number | undefined;
  readonly HEALTH_PORT?: number | undefined;
  readonly METRICS_PORT?: number | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
};

/**
 * The servers of this deployment that a process knows of: nobody has it talk to them by naming them. `stores` are object stores,
 * which an upstream may share.
 */
export function ownServers(env: Addresses) {
  const at = (url: string | undefined) => {
    const parsed = url === undefined ? null : URL.parse(url);
    if (!parsed?.hostname) return [];
    const port = parsed.port === '' ? DEFAULT_PORTS[parsed.protocol] : Number(parsed.port);
    return port === undefined ? [] : [{ host: parsed.hostname.replace(/^\[|\]$/g, ''), port }];
  };
  const here = [env.PORT, env.HEALTH_PORT, env.METRICS_PORT].flatMap((port) =>
    port ? [{ host: 'localhost', port }] : [],
  );
  return {
    // Behind the address of the public URL there may be others.
    servers: [
      ...at(env.DATABASE_URL),
      ...at(env.REDIS_URL),
      ...here,
      ...at(env.PUBLIC_URL).map((server) => ({ ...server, byNameOnly: true })),
    ],
    stores: [...at(env.S3_ENDPOINT), ...at(env.S3_FALLBACK_ENDPOINT)],
  };
}
