import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '@reelgate/runtime';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `/health/live` and `/health/ready` on a port of their own, for whoever restarts workers. Names of failing checks only. */
export async function startHealthServer(options: {
  health: Health;
  host: string;
  port: number;
}): Promise<HealthServer> {
  const { health, host, port } = options;
  const server = createServer(async (request, response) => {
    const report =
      request.url === '/health/live'
        ? health.live()
        : request.url === '/health/ready'
          ? await health.ready()
          : null;
    response.writeHead(report === null ? 404 : report.ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(report ?? { ok: false, failing: ['unknown path'] }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
