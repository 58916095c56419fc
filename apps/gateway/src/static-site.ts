import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { parseAccept } from 'hono/utils/accept';

/** Stands in index.html wherever a page's own nonce is to be; vite.config.ts of the dashboard writes it. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = new Set(['.css', '.js', '.svg']);
/** As good as the highest for a tenth of the time. */
const BROTLI_QUALITY = 9;

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reelgate</title></head>
<body><h1>Reelgate</h1><p>The gateway is at work. The dashboard has not been built: run <code>npm run build</code>.</p>
<p><a href="docs">API reference</a></p></body></html>
`;

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly encoding?: 'br' | 'gzip';
}

export interface StaticSite {
  /** index.html with its placeholders. */
  page(): Promise<string>;
  /** A file of `assets`, compressed as the caller can read it; null where there is none of that name. */
  asset(name: string, acceptEncoding: string): Promise<Asset | null>;
}

interface Build {
  readonly page: string;
  /** A request names a file of this list or none, so no name of a caller's becomes a path. */
  readonly files: ReadonlySet<string>;
  readonly encoded: Map<string, Promise<Asset>>;
}

/** The built dashboard in `directory`. A new build is seen at the next page; compressed files are made once and remembered. */
export function createStaticSite(directory: string): StaticSite {
  let known: { readonly changedAtMs: number; readonly build: Promise<Build> } | undefined;

  async function current(): Promise<Build | null> {
    const index = await stat(join(directory, 'index.html')).catch(() => null);
    if (!index) return null;
    if (known?.changedAtMs !== index.mtimeMs) {
      known = { changedAtMs: index.mtimeMs, build: readBuild(directory) };
      known.build.catch(() => (known = undefined));
    }
    return await known.build;
  }

  return {
    page: async () => (await current())?.page ?? NOT_BUILT,
    async asset(name, acceptEncoding) {
      const build = await current();
      if (!build?.files.has(name)) return null;
      const encoding = COMPRESSIBLE.has(extname(name)) ? bestEncoding(acceptEncoding) : undefined;
      const key = `${encoding} ${name}`;
      const found = build.encoded.get(key) ?? encode(join(directory, 'assets', name), encoding);
      build.encoded.set(key, found);
      found.catch(() => build.encoded.delete(key));
      return await found;
    },
  };
}

async function readBuild(directory: string): Promise<Build> {
  const [page, files] = await Promise.all([
    readFile(join(directory, 'index.html'), 'utf8'),
    readdir(join(directory, 'assets')),
  ]);
  return { page, files: new Set(files), encoded: new Map() };
}

function bestEncoding(accepted: string): 'br' | 'gzip' | undefined {
  const taken = parseAccept(accepted).filter(({ q }) => q > 0);
  return (['br', 'gzip'] as const).find((name) => taken.some(({ type }) => type === name));
}

async function encode(path: string, encoding: 'br' | 'gzip' | undefined): Promise<Asset> {
  const plain = await readFile(path);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  if (!encoding) return { bytes: new Uint8Array(plain), type };
  const bytes =
    encoding === 'br'
      ? await promisify(brotliCompress)(plain, {
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        })
      : await promisify(gzip)(plain);
  return { bytes: new Uint8Array(bytes), type, encoding };
}
