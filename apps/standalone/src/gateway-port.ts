import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '@reelgate/embedded';

/** The port the gateway is to listen on: settled before anything starts, because URLs are made with it. */
export async function settleGatewayPort(host: string, wanted: number): Promise<number> {
  if (wanted === 0) return freePort();
  const server = createServer();
  try {
    server.listen({ host, port: wanted, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be listened on (${code})`;
    const other = wanted < 1024 ? 8080 : Math.min(wanted + 1, 65_535);
    throw new Error(
      `Port ${wanted} ${what}. Stop that program, or choose another port: npm start -- --port ${other}`,
    );
  }
  server.close();
  await once(server, 'close');
  return wanted;
}
