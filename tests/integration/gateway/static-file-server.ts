import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import send from 'send';

export interface StaticFileServer {
  readonly origin: string;
  /** What `GET /` is from now on. */
  serve(file: { readonly path: string; readonly etag: string }): void;
  close(): Promise<void>;
}

/** The file server of Express over one file, with a strong entity tag and no date, as our contents have them. */
export async function startStaticFileServer(): Promise<StaticFileServer> {
  let served: { readonly path: string; readonly etag: string };
  const server = createServer((request, response) => {
    send(request, served.path, { lastModified: false, dotfiles: 'allow' })
      .on('headers', (headers: typeof response) => void headers.setHeader('etag', served.etag))
      .pipe(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(file) {
      served = file;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
