import type { ADMIN_OPERATIONS } from '@reelgate/contract/admin';
import {
  keepPreviousData,
  type UseQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import type { z } from 'zod';
import { tellDone, tellFailed } from '../ui/toast.tsx';
import { api, type Query, withQuery } from './client.ts';

/**
 * The admin API, typed by the table of its operations in the contract. The table itself stays out of the bundle: of it only the
 * types are used, found by method and path.
 */
type Operations = (typeof ADMIN_OPERATIONS)[keyof typeof ADMIN_OPERATIONS];
type Method = Operations['method'];
type OperationsOf<M extends Method> = Extract<Operations, { method: M }>;
type OperationAt<M extends Method, P extends string> = Extract<Operations, { method: M; path: P }>;

type PathOf<M extends Method> = OperationsOf<M>['path'];
/** Paths that answer JSON. */
type GetPath = Extract<OperationsOf<'get'>, { answer: { json: z.ZodType } }>['path'];
/** Paths that answer a page of a list. */
type ListPath = Extract<
  OperationsOf<'get'>,
  { answer: { json: z.ZodType<{ object: 'list'; last_id: string | null }> } }
>['path'];

export type AnswerOf<M extends Method, P extends string> =
  OperationAt<M, P> extends { answer: { json: infer S extends z.ZodType } } ? z.output<S> : never;
type BodyOf<M extends Method, P extends string> =
  OperationAt<M, P> extends { body: infer S extends z.ZodType } ? z.input<S> : undefined;
type QueryOf<P extends string> =
  OperationAt<'get', P> extends { query: infer S extends z.ZodObject }
    ? { readonly [Name in keyof z.input<S>]?: string | number | boolean | null | undefined }
    : Record<string, never>;

type NamesIn<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
/** What stands in the braces of a path. */
type Params<P extends string> = { readonly [Name in NamesIn<P>]: string };

interface Request<P extends string> {
  readonly params?: Params<P>;
  readonly query?: QueryOf<P>;
}

const BASE = '/admin/v1';

function urlOf(path: string, params: Readonly<Record<string, string>> = {}): string {
  return BASE + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** Where a table can be downloaded, with the filters of the page. */
export function csvUrl<P extends Extract<OperationsOf<'get'>, { answer: { csv: unknown } }>['path']>(
  path: P,
  query: QueryOf<P>,
): string {
  return withQuery(urlOf(path), query as Query);
}

/** Asked for again so often while somebody looks. */
export const LIVE_MS = 5_000;
export const SLOW_MS = 30_000;

type AdminQueryOptions<T> = Pick<UseQueryOptions<T>, 'enabled' | 'refetchInterval' | 'staleTime'>;

function adminQuery<P extends GetPath>(path: P, request: Request<P> = {}) {
  return {
    queryKey: ['admin', path, request.params ?? null, request.query ?? null] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get<AnswerOf<'get', P>>(urlOf(path, request.params), request.query as Query, signal),
  };
}

/** What `path` answers, kept current. What was there before stays until the next is there. */
export function useAdmin<P extends GetPath>(
  path: P,
  request: Request<P> = {},
  options: AdminQueryOptions<AnswerOf<'get', P>> = {},
) {
  return useQuery({
    ...adminQuery(path, request),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
    ...options,
  });
}

type RowOf<P extends ListPath> = AnswerOf<'get', P> extends { data: readonly (infer Row)[] } ? Row : never;

/** The rows of a list, page after page. */
export function useAdminList<P extends ListPath>(
  path: P,
  request: Request<P> = {},
  options: { readonly enabled?: boolean; readonly refetchInterval?: number | false } = {},
) {
  const list = useInfiniteQuery({
    queryKey: ['admin', path, request.params ?? null, request.query ?? null, 'list'] as const,
    queryFn: ({ signal, pageParam }) =>
      api.get<{ data: RowOf<P>[]; last_id: string | null; has_more: boolean; total?: number }>(
        urlOf(path, request.params),
        { ...(request.query as Query), ...(pageParam !== null && { after: pageParam }) },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.last_id : null),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
    ...options,
  });
  const pages = list.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.data), [pages]);
  return {
    rows,
    total: list.data?.pages[0]?.total,
    hasMore: list.hasNextPage,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    },
    error: list.error,
    refetch: () => void list.refetch(),
    isFetching: list.isFetching,
  };
}

interface Change<M extends Method, P extends string> {
  readonly params?: Params<P>;
  readonly body?: BodyOf<M, P>;
}

/** Carries a change out: `change(path, …)`. Rejects with `ApiFailure`. */
export const admin = {
  post: <P extends PathOf<'post'>>(path: P, { params, body }: Change<'post', P> = {}) =>
    api.post<AnswerOf<'post', P>>(urlOf(path, params), body ?? {}),
  patch: <P extends PathOf<'patch'>>(path: P, { params, body }: Change<'patch', P>) =>
    api.patch<AnswerOf<'patch', P>>(urlOf(path, params), body),
  delete: <P extends PathOf<'delete'>>(path: P, { params }: Change<'delete', P>) =>
    api.delete<AnswerOf<'delete', P>>(urlOf(path, params)),
};

/**
 * A change that somebody asked for: tells how it went, and has everything that is shown asked for again. `done` is the sentence;
 * with `undo` it can be taken back for some seconds.
 */
export function useChange<Input, Answer>(
  change: (input: Input) => Promise<Answer>,
  options: {
    readonly done?: (answer: Answer, input: Input) => string | null;
    readonly undo?: (answer: Answer, input: Input) => (() => Promise<unknown>) | null;
    readonly onDone?: (answer: Answer, input: Input) => void;
    /** Where the form shows it itself. */
    readonly quiet?: boolean;
  } = {},
) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ['admin'] });
  return useMutation({
    mutationFn: change,
    onSuccess: (answer, input) => {
      void refresh();
      const undo = options.undo?.(answer, input);
      const sentence = options.done?.(answer, input);
      if (sentence) {
        tellDone(sentence, undo ? () => void undo().then(refresh, tellFailed) : undefined);
      }
      options.onDone?.(answer, input);
    },
    onError: (error) => {
      if (!options.quiet) tellFailed(error);
      void refresh();
    },
  });
}
