import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { sessionQuery } from './session/session.ts';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { readRange } from './shell/time-range.tsx';
import { ErrorState, SkeletonRows } from './ui/feedback.tsx';

interface RouterContext {
  readonly queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>) => ({
    ...(typeof search.next === 'string' && { next: search.next }),
    ...(typeof search.error === 'string' && { error: search.error }),
    ...(search.expired === true && { expired: true as const }),
  }),
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx')),
});

/** Every page but the sign-in: nobody gets here without a session. */
const inside = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  validateSearch: readRange,
  search: { middlewares: [retainSearchParams(['range', 'from', 'to'])] },
  beforeLoad: async ({ context, location }) => {
    const { session } = await context.queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
  component: Shell,
});

/** Text parameters of a page, as they are in the URL; whatever else is there is dropped. */
function texts<const Names extends readonly string[]>(...names: Names) {
  return (search: Record<string, unknown>): { [Name in Names[number]]?: string | undefined } =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = search[name];
        return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
      }),
    ) as { [Name in Names[number]]?: string | undefined };
}

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  validateSearch: texts('group', 'tag'),
  component: lazyRouteComponent(() => import('./pages/overview/overview.tsx')),
});
const teams = createRoute({
  getParentRoute: () => inside,
  path: '/teams',
  validateSearch: texts('q', 'tab'),
  component: lazyRouteComponent(() => import('./pages/teams/teams.tsx')),
});
const team = createRoute({
  getParentRoute: () => inside,
  path: '/teams/$teamId',
  component: lazyRouteComponent(() => import('./pages/teams/team.tsx')),
});
const keys = createRoute({
  getParentRoute: () => inside,
  path: '/keys',
  validateSearch: texts('q', 'team', 'state', 'tab'),
  component: lazyRouteComponent(() => import('./pages/keys/keys.tsx')),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: texts('action', 'actor', 'target', 'team', 'request_id'),
  component: lazyRouteComponent(() => import('./pages/audit/audit.tsx')),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  validateSearch: texts('tab'),
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx')),
});
const videos = createRoute({
  getParentRoute: () => inside,
  path: '/videos',
  validateSearch: texts(
    'q',
    'status',
    'state',
    'team',
    'key',
    'model',
    'upstream',
    'operation',
    'error',
    'tag',
    'min',
    'max',
    'root',
    'show',
  ),
  component: lazyRouteComponent(() => import('./pages/videos/videos.tsx')),
});
const video = createRoute({
  getParentRoute: () => inside,
  path: '/videos/$videoId',
  component: lazyRouteComponent(() => import('./pages/videos/video.tsx')),
});
const library = createRoute({
  getParentRoute: () => inside,
  path: '/library',
  validateSearch: texts('q', 'team', 'model'),
  component: lazyRouteComponent(() => import('./pages/library/library.tsx')),
});
const webhooks = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks',
  validateSearch: texts('tab', 'team', 'state'),
  component: lazyRouteComponent(() => import('./pages/webhooks/webhooks.tsx')),
});
const webhook = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks/$endpointId',
  component: lazyRouteComponent(() => import('./pages/webhooks/webhook.tsx')),
});
const upstreams = createRoute({
  getParentRoute: () => inside,
  path: '/upstreams',
  validateSearch: texts('tab', 'model'),
  component: lazyRouteComponent(() => import('./pages/upstreams/upstreams.tsx')),
});

const routeTree = rootRoute.addChildren([
  signIn,
  inside.addChildren([
    overview,
    videos,
    video,
    library,
    teams,
    team,
    keys,
    webhooks,
    webhook,
    upstreams,
    audit,
    settings,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    // Plain words in URLs rather than JSON.
    parseSearch: (text) => readSearch(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(search)) {
        if (value !== undefined && value !== '') parameters.set(name, String(value));
      }
      const text = parameters.toString();
      return text ? `?${text}` : '';
    },
    defaultPendingComponent: () => <SkeletonRows />,
    defaultPendingMs: 150,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
    defaultNotFoundComponent: NotFound,
  });
}

function readSearch(parameters: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries([...parameters].map(([name, value]) => [name, value === 'true' ? true : value]));
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
