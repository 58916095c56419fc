import { Readable } from 'node:stream';
import {
  ADMIN_OPERATIONS,
  ADMIN_ROLES,
  type AdminOperation,
  type AdminOperationId,
} from '@reelgate/contract/admin';
import {
  type Actor,
  type AdminContext,
  type AdminPrincipal,
  ReelgateError,
  type ServiceContext,
} from '@reelgate/core';
import type { Context, Handler } from 'hono';
import { readContentType } from '../content-type.ts';
import { ApiError } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { assertPlainFields } from '../plain-fields.ts';
import { streamBody } from '../read-body.ts';
import { parseJson } from '../request-fields.ts';
import { columnsOf } from './columns.ts';
import { csvLines } from './csv.ts';
import type { AdminHandler } from './handler.ts';
import { parseQuery, parseWith } from './parse.ts';

const BODY_MAX_BYTES = 256 * 1024;
const BODY_TIMEOUT_MS = 30_000;

/**
 * Everything that each operation has in common: the role, the parts of the request, who acts, and that a change leaves a row in
 * the audit log.
 */
export function serveOperation<Id extends AdminOperationId>(
  service: ServiceContext,
  id: Id,
  handler: AdminHandler<Id>,
): Handler<GatewayEnv> {
  const operation: AdminOperation = ADMIN_OPERATIONS[id];
  return async (c) => {
    const principal = c.var.admin;
    requireRole(principal, operation);
    requireRecentSignIn(principal, operation);
    const query = parseQuery(operation.query, new URL(c.req.url).searchParams);
    const body = operation.body ? (parseWith(operation.body, await readJson(c)) as object) : {};
    let recorded = 0;
    const ctx: AdminContext = {
      ...service,
      principal,
      scope: principal.role === 'admin' ? 'all' : principal.teamIds,
      actor: actorOf(c, principal, () => recorded++),
    };
    const request = { ctx, params: c.req.param(), query, body, c } as unknown as Parameters<
      typeof handler
    >[0];
    const answer = await handler(request);
    // Whatever the operation, a dry run changes nothing.
    const reads = operation.reads || ('dry_run' in body && body.dry_run === true);
    if (operation.method !== 'get' && !reads && recorded === 0) {
      throw new Error(`${id} changed something and wrote no row of the audit log`);
    }
    if (answer instanceof Response) return answer;
    c.header('cache-control', 'no-store');
    if ('csv' in operation.answer) {
      return sendCsv(
        c,
        operation.path,
        csvLines(columnsOf(operation.answer.csv), answer as Iterable<object>),
      );
    }
    return c.json(answer as object);
  };
}

function requireRole(principal: AdminPrincipal, operation: AdminOperation): void {
  if (ADMIN_ROLES.indexOf(principal.role) >= ADMIN_ROLES.indexOf(operation.role)) return;
  throw new ReelgateError(
    'forbidden',
    `This needs the role '${operation.role}', and yours is '${principal.role}'.`,
  );
}

/** A session that was left open at somebody's desk must not be enough for what outlives it. */
function requireRecentSignIn(principal: AdminPrincipal, operation: AdminOperation): void {
  if (!operation.recentSignIn || principal.kind !== 'user' || principal.signedInRecently) return;
  throw new ApiError(403, 'This needs a sign-in of the last 15 minutes. Sign in again to go on.', {
    code: 'recent_sign_in_required',
  });
}

function actorOf(c: Context<GatewayEnv>, principal: AdminPrincipal, onRecorded: () => void): Actor {
  return {
    kind: principal.kind,
    id: principal.id,
    name: principal.email ?? principal.name,
    requestId: c.var.record.id,
    ip: c.var.record.address || null,
    onRecorded,
  };
}

async function readJson(c: Context<GatewayEnv>): Promise<Record<string, unknown>> {
  const { incoming } = c.env;
  if (readContentType(incoming).kind !== 'json') {
    throw new ApiError(415, "Unsupported Content-Type. Send 'application/json'.", {
      code: 'unsupported_content_type',
    });
  }
  const chunks: Buffer[] = [];
  const limits = { maxBytes: BODY_MAX_BYTES, timeoutMs: BODY_TIMEOUT_MS };
  await streamBody(incoming, limits, (chunk) => chunks.push(chunk) > 0);
  const fields = parseJson(Buffer.concat(chunks));
  assertPlainFields(fields);
  return fields;
}

/** The first line is made before the answer begins, so that a query that cannot run is still an error. */
async function sendCsv(
  c: Context<GatewayEnv>,
  path: string,
  lines: AsyncGenerator<string>,
): Promise<Response> {
  const first = [await lines.next(), await lines.next()];
  const source = Readable.from(
    (async function* () {
      for (const { value, done } of first) if (!done) yield value;
      yield* lines;
    })(),
  );
  return c.body(Readable.toWeb(source) as ReadableStream, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="reelgate-${path.slice(1)}"`,
  });
}
