/** One OpenAPI document, asked about single exchanges. */
import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Node = Record<string, unknown>;

export interface DescribedOperation {
  /** The JSON pointer of the operation, and what stands there. */
  readonly pointer: string;
  readonly node: Node;
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly pointer: string;
}

/** Answers with what is wrong, in words; null where nothing is. */
export type Check = (value: unknown) => string | null;

export interface DescribedApi {
  /** The operation that serves a path below one of the servers of the document. */
  find(method: string, path: string): DescribedOperation | null;
  /** What stands at a pointer, references followed; undefined where there is nothing. */
  look(pointer: string): { readonly pointer: string; readonly node: Node } | undefined;
  /** Checks values against the schema at a pointer. Texts of headers and queries may spell numbers. */
  checkAt(pointer: string, options?: { readonly spelled: boolean }): Check;
}

export function describedApi(document: Node, name: string): DescribedApi {
  const options = { strict: false, allErrors: true, logger: false, validateSchema: false } as const;
  const exact = new Ajv2020(options);
  const spelling = new Ajv2020({ ...options, coerceTypes: true });
  for (const ajv of [exact, spelling]) {
    formats.default(ajv);
    // Words of OpenAPI, which limit nothing that JSON can hold.
    ajv.addFormat('unixtime', true).addFormat('binary', true);
    ajv.addSchema(document as AnySchema, name);
  }
  const compiled = new Map<string, ValidateFunction>();

  const look = (pointer: string): { pointer: string; node: Node } | undefined => {
    let node: unknown = document;
    for (const key of pointer.split('/').slice(1)) {
      node = isNode(node) ? node[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
    }
    if (!isNode(node)) return undefined;
    return typeof node.$ref === 'string' ? look(node.$ref.slice(1)) : { pointer, node };
  };

  const servers = (document.servers as { url: string }[]).map(({ url }) =>
    new URL(url, 'http://server').pathname.replace(/\/$/, ''),
  );
  // A path without a parameter goes before one that has it in the same place.
  const templates = Object.keys(document.paths as Node).sort(
    (a, b) => a.split('{').length - b.split('{').length,
  );

  return {
    look,
    find(method, path) {
      const server = servers.find((prefix) => path.startsWith(`${prefix}/`));
      if (server === undefined) return null;
      const rest = path.slice(server.length);
      const template = templates.find((candidate) =>
        new RegExp(`^${candidate.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(rest),
      );
      if (template === undefined) return null;
      const found = look(`/paths/${escaped(template)}/${method.toLowerCase()}`);
      if (!found) return null;
      const parameters = ((found.node.parameters ?? []) as unknown[]).map((_, index) => {
        const pointer = `${found.pointer}/parameters/${index}`;
        return { ...(look(pointer)?.node as unknown as Parameter), pointer };
      });
      return { ...found, parameters };
    },
    checkAt(pointer, { spelled } = { spelled: false }) {
      const key = `${spelled} ${pointer}`;
      const ajv = spelled ? spelling : exact;
      // A property of an object, because texts are turned into numbers only where they can be replaced.
      const validate =
        compiled.get(key) ??
        ajv.compile({
          required: ['value'],
          properties: { value: { $ref: `${name}#${encodeURI(pointer)}` } },
        });
      compiled.set(key, validate);
      return (value) =>
        validate({ value })
          ? null
          : ajv
              .errorsText(validate.errors?.slice(0, 5), { dataVar: '', separator: '; ' })
              .replaceAll('/value', '');
    },
  };
}

export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
