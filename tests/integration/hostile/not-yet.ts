/** Rows, or parts of rows, that are held elsewhere; without `heldBy` nowhere yet. */
export interface Elsewhere {
  readonly row: number;
  readonly part: string;
  /** Where what exists of it is tested. */
  readonly heldBy?: string;
}

export const notYet: readonly Elsewhere[] = [
  { row: 6, part: 'every route', heldBy: 'tests/integration/routes/every-route.test.ts' },
  {
    row: 37,
    part: 'performance: that a list is one query on an index',
    heldBy: 'tests/integration/hostile/list-plans.test.ts',
  },
  {
    row: 44,
    part: 'webhooks: saving an endpoint',
    heldBy: 'packages/adapters/src/egress/target.test.ts',
  },
  { row: 45, part: 'webhooks: receivers', heldBy: 'tests/integration/adapters/webhook-transport.test.ts' },
  { row: 46, part: 'dashboard: deliveries', heldBy: 'tests/integration/dashboard/administration.test.ts' },
  {
    row: 47,
    part: 'webhooks from an upstream',
    heldBy: 'tests/integration/gateway/upstream-hooks.test.ts',
  },
  { row: 52, part: 'job queue', heldBy: 'tests/integration/adapters/queue.contract.test.ts' },
  { row: 57, part: 'admin API', heldBy: 'tests/integration/routes/every-route.test.ts' },
  {
    row: 58,
    part: 'every route that changes something',
    heldBy: 'tests/integration/routes/every-route.test.ts',
  },
  { row: 59, part: 'sessions', heldBy: 'tests/integration/dashboard/sign-in.test.ts' },
  { row: 59, part: 'OpenID Connect', heldBy: 'tests/integration/dashboard/oidc.test.ts' },
  {
    row: 60,
    part: 'exports; names and prompts on the pages of the dashboard',
    heldBy: 'apps/gateway/src/admin/csv.test.ts',
  },
  {
    row: 63,
    part: 'object store: a worker that refuses to start',
    heldBy: 'tests/integration/adapters/object-store.contract.test.ts',
  },
  {
    row: 64,
    part: 'admin API: limits in dollars, two administrators at once',
    heldBy: 'tests/integration/admin/framework.test.ts',
  },
  { row: 65, part: 'audit log', heldBy: 'tests/integration/core/audit.test.ts' },
  {
    row: 66,
    part: 'metrics on a port of their own',
    heldBy: 'tests/integration/worker/metrics.test.ts',
  },
  { row: 68, part: 'lineage of thousands', heldBy: 'tests/integration/hostile/lineage.test.ts' },
];
