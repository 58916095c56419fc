import { createServer } from 'node:net';

const host = '127.0.0.1';

/** A port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  return listenBriefly(0);
}

/**
 * Calls `start` with the wanted port, or with a free one when none is wanted. Between finding a free port and listening on it
 * another program may take it; then the next one is tried.
 */
export async function withPort<T>(
  service: string,
  wanted: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (wanted !== undefined) {
    await assertPortFree(service, wanted);
    return start(wanted);
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await start(port);
    } catch (error) {
      const taken = await listenBriefly(port).then(
        () => false,
        () => true,
      );
      if (!taken || attempt === 3) throw error;
    }
  }
}

async function assertPortFree(service: string, port: number): Promise<void> {
  try {
    await listenBriefly(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Error(
        `Port ${port} of ${host} is already in use, so ${service} cannot listen there. ` +
          `Stop the program that uses it, or choose another port for ${service}.`,
      );
    }
    throw new Error(`${service} cannot listen on port ${port} of ${host} (${code}). Choose another port.`, {
      cause: error,
    });
  }
}

function listenBriefly(port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    server.close(() => resolve(bound));
  });
  return promise;
}
