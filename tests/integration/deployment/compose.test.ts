import { readdir, readFile } from 'node:fs/promises';
import { parseConfiguration } from '@reelgate/runtime';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environmentOf } from '../process-environments.ts';

interface Service {
  image?: string;
  environment?: Record<string, string>;
  healthcheck?: { test: unknown[] };
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
const composeText = await read('docker-compose.yml');
const compose = parse(composeText, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const example = await read('infra/env.example');

describe('docker-compose.yml', () => {
  test.each(['gateway', 'worker'] as const)('gives the %s what it reads and nothing else', async (app) => {
    const rows = await environmentOf(app);
    const given = Object.keys(compose.services[app]?.environment ?? {});
    const keysOfUpstreams = parseConfiguration(await read('infra/reelgate.yaml')).upstreams.map(
      (upstream) => upstream.apiKeyEnv,
    );
    const known = [...rows.map((row) => row.name), ...keysOfUpstreams];
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
    const required = rows.filter((row) => row.required).map((row) => row.name);
    expect(required.filter((name) => !given.includes(name))).toEqual([]);
  });

  test('every variable that it asks for is in infra/env.example, and the other way round', () => {
    const asked = [...composeText.matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map((match) => match[1]);
    const listed = [...example.matchAll(/^#?([A-Z0-9_]+)=/gm)].map((match) => match[1]);
    expect(asked.length).toBeGreaterThan(5);
    expect([...new Set(asked)].toSorted()).toEqual(listed.toSorted());
  });

  test('a secret has no default: it is empty in the example and refused when unset', () => {
    const secrets = [
      ...composeText.matchAll(/\$\{([A-Z0-9_]*(?:PASSWORD|PEPPER|SECRET|ACCESS)[A-Z0-9_]*)(.)(.)/g),
    ];
    expect(secrets.length).toBeGreaterThan(5);
    for (const [, name, colon, operator] of secrets) {
      expect(`${name}${colon}${operator}`).toBe(`${name}:?`);
      expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    }
  });

  test.each(services.filter(([, { image }]) => image !== undefined))(
    '%s is pinned to a full version',
    (_, service) => {
      expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    },
  );

  test.each(services.filter(([name]) => name !== 'migrate'))(
    '%s tells its health by a command of strings',
    (_, service) => {
      const command = service.healthcheck?.test ?? [];
      expect(command[0]).toMatch(/^CMD(-SHELL)?$/);
      expect(command.length).toBeGreaterThan(1);
      expect(command.filter((part) => typeof part !== 'string')).toEqual([]);
    },
  );

  test('what a service waits for exists', () => {
    const waits = services.flatMap(([, service]) => Object.keys(service.depends_on ?? {}));
    expect(waits.length).toBeGreaterThan(5);
    expect(waits.filter((name) => compose.services[name] === undefined)).toEqual([]);
  });
});

describe('infra/Dockerfile', () => {
  test('uses the Node that package.json pins', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as {
      devDependencies: { node: string };
    };
    const stages = [...(await read('infra/Dockerfile')).matchAll(/^FROM (\S+)(?: AS (\S+))?/gm)];
    const names = stages.map((stage) => stage[2]);
    const images = stages.map((stage) => stage[1]).filter((image) => !names.includes(image));
    expect(images).toEqual(Array(2).fill(`node:${devDependencies.node}-trixie-slim`));
  });

  test('knows every workspace, which npm ci insists on', async () => {
    const dockerfile = await read('infra/Dockerfile');
    for (const group of ['apps', 'packages']) {
      for (const folder of await readdir(new URL(`../../../${group}`, import.meta.url))) {
        expect(dockerfile).toContain(`COPY ${group}/${folder}/package.json ${group}/${folder}/\n`);
      }
    }
  });
});
