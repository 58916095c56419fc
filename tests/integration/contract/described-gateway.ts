/** A server that serves our document, answers as it is told and keeps what it was asked: the wire, without a gateway. */

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { openApiDocument } from '@reelgate/contract';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export async function startDescribedGateway(answerTo: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const url = `http://${request.headers.host}${request.url}`;
    if (request.url === '/openapi.json') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(openApiDocument({ version: '0.0.0', serverUrl: '' })));
      return;
    }
    const body = await buffer(request);
    const one = { method: request.method ?? '', url, headers: toHeaders(request.headers), body };
    asked.push(one);
    const answer = answerTo(one);
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function toHeaders(headers: IncomingHttpHeaders): Headers {
  return new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
