/**
 * Holds what goes over the wire against two documents: the original API as it was published, and the one that the gateway
 * serves. Knows nothing of ours but what it reads from there.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type DescribedApi, type DescribedOperation, describedApi, escaped } from './described-api.ts';
import { nestedFields } from './nested-fields.ts';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders?: Headers;
  /** JSON text or a form; leave out what cannot be read twice. */
  readonly requestBody?: string | FormData;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined where there is none. */
  readonly responseBody?: unknown;
}

export interface ContractChecker {
  /** Throws `ContractViolation` where the exchange is not what both documents say. */
  check(exchange: Exchange): void;
  /**
   * A `fetch` that checks all that goes through it, for the `fetch` option of the SDK. The SDK takes what it throws for a
   * broken connection, so give it `maxRetries: 0`; the violation is the `cause` of its error.
   */
  checkedFetch(send?: typeof fetch): typeof fetch;
}

export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

type Document = Record<string, unknown>;

/**
 * Where the original itself is narrower on paper than it was in service: it took longer videos and larger sizes than its
 * document lists, and sent spritesheets as JPEG. What an upstream of today offers is configuration.
 */
function widen(original: Document): Document {
  const document = structuredClone(original) as {
    components: { schemas: Record<string, unknown> };
    paths: Record<string, { get: { responses: { 200: { content: Record<string, unknown> } } } }>;
  } & Document;
  document.components.schemas.VideoSize = { type: 'string', pattern: '^\\d+x\\d+$' };
  document.components.schemas.VideoSeconds = { type: 'string', pattern: '^\\d+$' };
  const content = document.paths['/videos/{video_id}/content']?.get.responses[200].content;
  if (!content) throw new Error('the original has no content to download');
  content['image/jpeg'] = content['image/webp'];
  content['image/png'] = content['image/webp'];
  return document;
}

export async function createContractChecker(options: {
  /** The original, as published. */
  readonly yamlPath: string | URL;
  /** Where the gateway serves its own. */
  readonly openapiUrl: string | URL;
}): Promise<ContractChecker> {
  const answer = await fetch(options.openapiUrl);
  if (!answer.ok) throw new Error(`${options.openapiUrl} answers ${answer.status}`);
  const ourDocument = (await answer.json()) as Document;
  const ours = describedApi(ourDocument, 'ours');
  const published = parse(await readFile(options.yamlPath, 'utf8')) as Document;
  // Under every name that our server answers to.
  const original = describedApi({ ...widen(published), servers: ourDocument.servers }, 'original');

  const check = (exchange: Exchange) => {
    const path = new URL(exchange.url).pathname;
    // HEAD is GET without its body; no document says that again.
    const method = exchange.method === 'HEAD' ? 'get' : exchange.method;
    const our = ours.find(method, path);
    const theirs = original.find(method, path);
    const problems = [
      ...(our ? problemsOf(ours, our, exchange) : problemsOfUnknown(ours, exchange)).map(
        (problem) => `our document: ${problem}`,
      ),
      ...(theirs && !isOursAlone(ours, our, exchange.status)
        ? problemsOf(original, theirs, exchange)
        : []
      ).map((problem) => `the original: ${problem}`),
    ];
    if (problems.length === 0) return;
    throw new ContractViolation(
      `${exchange.method} ${path} ${exchange.status} is not as described:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  };

  return {
    check,
    checkedFetch:
      (send = fetch) =>
      async (input, init) => {
        const answer = await send(input, init);
        const request = new Request(input instanceof Request ? input.url : input, {
          method: init?.method ?? (input instanceof Request ? input.method : 'GET'),
          headers: init?.headers ?? (input instanceof Request ? input.headers : {}),
        });
        const body = init?.body;
        // The SDKs put a form's type on the wire only, where its boundary is known.
        if (body instanceof FormData) request.headers.set('content-type', 'multipart/form-data');
        const isJson = mediaType(answer.headers) === 'application/json';
        check({
          method: request.method,
          url: request.url,
          requestHeaders: request.headers,
          ...((typeof body === 'string' || body instanceof FormData) && { requestBody: body }),
          status: answer.status,
          headers: answer.headers,
          ...(isJson && request.method !== 'HEAD' && { responseBody: await answer.clone().json() }),
        });
        return answer;
      },
  };
}

/** True for an answer that our document marks as beyond the original. */
function isOursAlone(ours: DescribedApi, operation: DescribedOperation | null, status: number): boolean {
  return ours.look(`${operation?.pointer}/responses/${status}`)?.node['x-reelgate'] === true;
}

/** For a path or a method that nobody describes: only a refusal will do. */
function problemsOfUnknown(api: DescribedApi, exchange: Exchange): string[] {
  if (exchange.status < 400) return ['this operation is not described'];
  if (exchange.method === 'HEAD') return [];
  const problem = api.checkAt('/components/schemas/Error')(exchange.responseBody);
  return problem === null ? [] : [`the error ${problem}`];
}

function problemsOf(api: DescribedApi, operation: DescribedOperation, exchange: Exchange): string[] {
  // A request that was refused may well be against the document; that is why.
  const request = exchange.status < 400 ? problemsOfRequest(api, operation, exchange) : [];
  return [...request, ...problemsOfAnswer(api, operation, exchange)];
}

function problemsOfRequest(api: DescribedApi, operation: DescribedOperation, exchange: Exchange): string[] {
  const given = {
    query: nestedFields(new URL(exchange.url).searchParams),
    header: Object.fromEntries(exchange.requestHeaders ?? []),
  };
  const problems: string[] = [];
  for (const { name, in: place, required, pointer } of operation.parameters) {
    if (place === 'path') continue;
    const value = given[place][name];
    if (value === undefined) {
      if (required) problems.push(`the ${place} parameter '${name}' is absent`);
      continue;
    }
    const problem = api.checkAt(`${pointer}/schema`, { spelled: true })(value);
    if (problem !== null) problems.push(`the ${place} parameter '${name}' ${problem}`);
  }
  return [...problems, ...problemsOfBody(api, operation, exchange)];
}

function problemsOfBody(api: DescribedApi, operation: DescribedOperation, exchange: Exchange): string[] {
  const { requestBody } = exchange;
  if (requestBody === undefined) return [];
  const type = mediaType(exchange.requestHeaders ?? new Headers());
  const content = api.look(`${operation.pointer}/requestBody/content/${escaped(type)}`);
  if (!content) return [`a request body of type '${type}' is not described`];
  const value =
    typeof requestBody === 'string'
      ? JSON.parse(requestBody)
      : nestedFields([...requestBody].map(([name, part]) => [name, typeof part === 'string' ? part : '']));
  const problem = api.checkAt(`${content.pointer}/schema`)(value);
  return problem === null ? [] : [`the request body ${problem}`];
}

function problemsOfAnswer(api: DescribedApi, operation: DescribedOperation, exchange: Exchange): string[] {
  const answer =
    api.look(`${operation.pointer}/responses/${exchange.status}`) ??
    (exchange.status >= 400 ? api.look(`${operation.pointer}/responses/default`) : undefined);
  if (!answer) return [`the status ${exchange.status} is not described`];
  const problems: string[] = [];
  for (const name of Object.keys((answer.node.headers ?? {}) as object)) {
    const header = api.look(`${answer.pointer}/headers/${escaped(name)}`);
    const value = exchange.headers.get(name);
    if (value === null) {
      if (header?.node.required === true) problems.push(`the header '${name}' is absent`);
      continue;
    }
    const problem = api.checkAt(`${header?.pointer}/schema`, { spelled: true })(value);
    if (problem !== null) problems.push(`the header '${name}' ${problem}`);
  }
  if (answer.node.content === undefined) return problems;
  const type = mediaType(exchange.headers);
  const content = api.look(`${answer.pointer}/content/${escaped(type)}`);
  if (!content) return [...problems, `an answer of type '${type}' is not described`];
  if (type !== 'application/json' || exchange.method === 'HEAD') return problems;
  const problem = api.checkAt(`${content.pointer}/schema`)(exchange.responseBody);
  return problem === null ? problems : [...problems, `the body ${problem}`];
}

function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
