import type { ADMIN_OPERATIONS, AdminOperationId } from '@reelgate/contract/admin';
import type { AdminContext } from '@reelgate/core';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { GatewayEnv } from '../gateway-env.ts';

type Operation<Id extends AdminOperationId> = (typeof ADMIN_OPERATIONS)[Id];

type Names<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Output<O, Part extends string> = O extends { readonly [P in Part]: infer S extends z.ZodType }
  ? z.output<S>
  : Record<never, never>;
type Answer<O> = O extends { readonly answer: { readonly json: infer S extends z.ZodType } }
  ? z.input<S>
  : O extends { readonly answer: { readonly csv: infer S extends z.ZodType } }
    ? AsyncIterable<z.input<S>> | Iterable<z.input<S>>
    : Response;

/** A request whose parts have passed the schemas of its operation, by somebody whose role suffices. */
export interface AdminRequest<Id extends AdminOperationId> {
  readonly ctx: AdminContext;
  /** Of the path: plain letters, not checked any further. */
  readonly params: Readonly<Record<Names<Operation<Id>['path']>, string>>;
  readonly query: Output<Operation<Id>, 'query'>;
  readonly body: Output<Operation<Id>, 'body'>;
  /** For what sends more than JSON. */
  readonly c: Context<GatewayEnv>;
}

/** One call of core, translated. What it changes it records in the audit log: an unsafe operation that did not is a 500. */
export type AdminHandler<Id extends AdminOperationId> = (
  request: AdminRequest<Id>,
) => Promise<Answer<Operation<Id>>>;

export type AdminHandlers = { readonly [Id in AdminOperationId]?: AdminHandler<Id> };

/** The handlers of some operations, each of them there. */
export type HandlersOf<Operations> = Required<
  Pick<AdminHandlers, Extract<keyof Operations, AdminOperationId>>
>;
