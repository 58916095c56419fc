import { createHash } from 'node:crypto';
import { openApiDocument } from '@reelgate/contract';
import { expect, test } from 'vitest';
import { createReferenceRoutes } from './reference.ts';

const document = openApiDocument({ version: '1.2.3', serverUrl: '' });
const routes = createReferenceRoutes({ document });

test('/openapi.json is the document', async () => {
  const answer = await routes.request('/openapi.json');
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
});

test('/docs needs nothing from elsewhere, and its policy allows what it needs', async () => {
  const answer = await routes.request('/docs');
  const page = await answer.text();
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(page).not.toMatch(/https?:|\/\//);
  expect(policy).not.toMatch(/unsafe|\*|https?:/);

  const [inline, ...others] = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)];
  expect(others).toEqual([]);
  const hash = createHash('sha256')
    .update(inline?.[1] ?? '')
    .digest('base64');
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`);

  const assets = [...page.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map((found) => found[1]);
  expect(assets).toHaveLength(2);
  for (const asset of assets) {
    const file = await routes.request(`/${asset}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(file.status).toBe(200);
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBe('gzip');
    expect(file.headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    const plain = await (await routes.request(`/${asset}`)).arrayBuffer();
    expect(plain.byteLength).toBeGreaterThan(100_000);
  }
});

test('no other file of the package, and no other method', async () => {
  const refused: unknown[] = [];
  const app = createReferenceRoutes({ document }).onError((error) => {
    refused.push(error);
    return new Response(null, { status: 418 });
  });
  const [asset] = /docs\/[\d.]+/.exec(await (await app.request('/docs')).text()) ?? [];
  await app.request(`/${asset}/package.json`);
  await app.request('/docs', { method: 'POST' });
  await app.request('/openapi.json', { method: 'DELETE' });
  expect(refused).toMatchObject([{ status: 404 }, { status: 405 }, { status: 405 }]);
});
