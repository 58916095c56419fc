import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { OpenApiDocument } from '@reelgate/contract';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import swaggerUi from 'swagger-ui-dist/package.json' with { type: 'json' };
import { urlNotFound } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';

/** Served under the version of the package, so that a browser may keep them for ever. */
const ASSETS: ReadonlyMap<string, { readonly type: string; readonly url: string }> = new Map([
  [
    'swagger-ui-bundle.js',
    {
      type: 'text/javascript; charset=utf-8',
      url: import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
    },
  ],
  [
    'swagger-ui.css',
    { type: 'text/css; charset=utf-8', url: import.meta.resolve('swagger-ui-dist/swagger-ui.css') },
  ],
]);

/** Relative, because a proxy may put us below a path of its own. */
const ASSETS_URL = `docs/${swaggerUi.version}`;

const SCRIPT = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reelgate API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${ASSETS_URL}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="${ASSETS_URL}/swagger-ui-bundle.js"></script>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** Nothing from elsewhere, and of inline scripts only the one above. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Mounted at `/`: the OpenAPI document at `/openapi.json` and a page to read it at `/docs`, which asks nobody else for anything. */
export function createReferenceRoutes(deps: { readonly document: OpenApiDocument }): Hono<GatewayEnv> {
  const json = JSON.stringify(deps.document);
  return new Hono<GatewayEnv>()
    .use('/openapi.json', compress())
    .get('/openapi.json', (c) =>
      c.body(json, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' }),
    )
    .all('/openapi.json', refuseOtherMethods('GET', 'HEAD'))
    .get('/docs', (c) =>
      c.body(PAGE, 200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
      }),
    )
    .all('/docs', refuseOtherMethods('GET', 'HEAD'))
    .use(`/${ASSETS_URL}/*`, compress())
    .get(`/${ASSETS_URL}/:file`, async (c) => {
      const asset = ASSETS.get(c.req.param('file'));
      if (!asset) throw urlNotFound(c.req.method, c.req.path);
      return c.body(await readFile(fileURLToPath(asset.url)), 200, {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
      });
    })
    .all(`/${ASSETS_URL}/:file`, refuseOtherMethods('GET', 'HEAD'));
}
