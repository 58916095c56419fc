import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const host = '127.0.0.1';
/** Below what systems hand out by themselves, to outgoing connections too: there a port found free is soon taken. */
const range = { from: 20_000, below: 30_000 };

/** A port of 127.0.0.1 that nothing listens on at this moment, and that nothing is given without asking for it by number. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    const port = randomInt(range.from, range.below);
    if (await canListen(port)) return port;
  }
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
      if (attempt === 3 || (await canListen(port))) throw error;
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

function canListen(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => true,
    () => false,
  );
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
