import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@reelgate/embedded';

/**
 * What a bad network does. `refused`: nobody listens. `reset`: connections break, old and new. `silent`: nothing passes any more.
 * `forgotten`: on the connections that there are nothing passes ever again, and nobody is told; new ones are well.
 */
export type LinkFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'delayed'; readonly ms: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** Stands between a process and a server that it depends on, on TCP. */
export interface FaultyLink {
  readonly port: number;
  /** Takes the place of the fault before; `none` mends the link, but not the connections that it has cost. */
  set(fault: LinkFault): Promise<void>;
  close(): Promise<void>;
}

/** How long the two ends of a forgotten connection are left to themselves, so that they do not add up. */
const FORGOTTEN_MS = 20_000;
const HEALTHY: LinkFault = { kind: 'none' };

export async function startFaultyLink(target: { host?: string; port: number }): Promise<FaultyLink> {
  let fault: LinkFault = HEALTHY;
  let changed = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const forgotten = new WeakSet<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (fault.kind === 'reset') return client.resetAndDestroy();
    const there = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    for (const socket of [client, there]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        there.destroy();
      });
    }
    pass(client, there);
    pass(there, client);
  });

  /** Pieces go one after the other, each held up as the link is at that moment. */
  function pass(from: Socket, to: Socket): void {
    let before = Promise.resolve();
    from.on('data', (piece) => {
      from.pause();
      before = before
        .then(async () => {
          await holdUp(from, piece.length);
          if (!to.destroyed && !to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
          from.resume();
        })
        .catch(() => void from.destroy());
    });
    from.on('end', () => {
      before = before.then(() => void to.end()).catch(() => void to.destroy());
    });
  }

  async function holdUp(from: Socket, bytes: number): Promise<void> {
    while (fault.kind === 'silent') await changed.promise;
    if (forgotten.has(from)) {
      await Promise.race([once(from, 'close'), wait(FORGOTTEN_MS, undefined, { ref: false })]);
      throw new Error('whoever still waits at the other end has found it out by now');
    }
    if (fault.kind === 'delayed') await wait(fault.ms);
    if (fault.kind === 'slow')
      await Promise.race([wait((bytes / fault.bytesPerSecond) * 1_000), changed.promise]);
  }

  const port = await freePort();
  await listen(server, port);
  return {
    port,
    async set(next) {
      const before = fault;
      fault = next;
      changed.resolve();
      changed = Promise.withResolvers();
      if (next.kind === 'forgotten') for (const socket of sockets) forgotten.add(socket);
      if (next.kind === 'refused' && before.kind !== 'refused') server.close();
      if (next.kind === 'refused' || next.kind === 'reset')
        for (const socket of sockets) socket.resetAndDestroy();
      if (next.kind !== 'refused' && before.kind === 'refused') await listen(server, port);
    },
    async close() {
      fault = HEALTHY;
      changed.resolve();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port that was given up a moment ago may still be on its way to be free. */
async function listen(server: Server, port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return;
    } catch (error) {
      if (tries === 50) throw error;
      await wait(20);
    }
  }
}
