import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Behaviour, requestAndContentOf } from './behaviour.ts';
import type { Ledger, LogEntry } from './ledger.ts';
import { OpenAiError } from './openai-error.ts';
import type { Operation, RuleBook, Subject } from './rules.ts';
import { breakOff, cutJson } from './wire.ts';

export interface SimulatorEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; startedAtMs: number };
}

export type SimulatorContext = Context<SimulatorEnv>;

export interface ExchangeDeps {
  readonly rules: RuleBook;
  readonly ledger: Ledger;
}

export interface Exchange extends Subject {
  /** What the prompt commands, or what the video was commanded when it was created. */
  readonly own: Behaviour;
}

export type Note = (entry: Pick<LogEntry, 'outcome' | 'status'> & { id?: string; bytes?: number }) => void;

/** What an operation came to: a JSON body, or an answer that sends (and notes) itself. */
export type Effect =
  | { readonly json: unknown; readonly id?: string; readonly clockSkewSeconds?: number | undefined }
  | { readonly send: (note: Note) => Promise<Response> | Response };

export function newRequestId(): string {
  return `req_${randomBytes(16).toString('hex')}`;
}

const MAKES_A_VIDEO: ReadonlySet<Operation> = new Set(['create', 'remix', 'edit', 'extend']);

/**
 * Runs one operation as it is commanded: refused before it takes effect, or carried out and then answered late,
 * halfway or not at all. `effect` gets the whole behaviour, and apart from it what is not from the defaults.
 */
export async function serve(
  c: SimulatorContext,
  { rules, ledger }: ExchangeDeps,
  exchange: Exchange,
  effect: (behaviour: Behaviour, own: Behaviour) => Promise<Effect> | Effect,
): Promise<Response> {
  const own = { ...exchange.own, ...rules.take(exchange) };
  const defaults = rules.defaults();
  const behaviour = {
    ...(MAKES_A_VIDEO.has(exchange.operation) ? defaults : requestAndContentOf(defaults)),
    ...own,
  };
  const note: Note = ({ outcome, status, id, bytes = 0 }) =>
    ledger.record({
      at: new Date().toISOString(),
      request_id: c.get('requestId'),
      operation: exchange.operation,
      video_id: id ?? exchange.id ?? null,
      outcome,
      status,
      bytes,
    });

  if (behaviour.drop) {
    note({ outcome: 'dropped', status: null });
    return breakOff(c.env, 'rst');
  }
  let done: Effect;
  try {
    refuseIfCommanded(behaviour);
    done = await effect(behaviour, own);
  } catch (error) {
    if (error instanceof OpenAiError) note({ outcome: 'refused', status: error.status });
    throw error;
  }
  if (behaviour.delay_ms !== undefined) await setTimeout(behaviour.delay_ms);

  const { answer } = behaviour;
  const id = 'json' in done && done.id !== undefined ? { id: done.id } : {};
  if (answer === 'rst' || answer === 'fin' || answer === 'hang') {
    note({ outcome: answer, status: null, ...id });
    return breakOff(c.env, answer);
  }
  if (typeof answer === 'number') {
    note({ outcome: 'answered', status: answer, ...id });
    return answerInstead(c, answer);
  }
  if ('send' in done) return await done.send(note);
  if (answer === 'cut') {
    note({ outcome: 'cut', status: 200, ...id });
    return cutJson(c.env, answerHeaders(c), done.json, behaviour.cut_answer_at ?? 20);
  }
  note({ outcome: 'answered', status: 200, ...id });
  if (done.clockSkewSeconds) {
    c.header('date', new Date(Date.now() + done.clockSkewSeconds * 1000).toUTCString());
  }
  return answerJson(c, done.json);
}

export function answerHeaders(c: SimulatorContext): Record<string, string> {
  return {
    'x-request-id': c.get('requestId'),
    'openai-processing-ms': String(Math.round(performance.now() - c.get('startedAtMs'))),
  };
}

function answerJson(c: SimulatorContext, body: unknown, status = 200): Response {
  return c.json(body as object, status as ContentfulStatusCode, answerHeaders(c));
}

export function answerError(c: SimulatorContext, error: OpenAiError): Response {
  if (error.retryAfterSeconds !== undefined) c.header('retry-after', String(error.retryAfterSeconds));
  return answerJson(c, error.toBody(), error.status);
}

const PROXY_STATUSES = new Set([502, 504]);

/** The operation took effect, but the caller is told otherwise: by a proxy in between, or by the service. */
function answerInstead(c: SimulatorContext, status: number): Response {
  if (!PROXY_STATUSES.has(status)) return answerError(c, refusal(status));
  const page = `<html><head><title>${status}</title></head><body><h1>Bad gateway</h1></body></html>`;
  return c.html(page, status as ContentfulStatusCode, answerHeaders(c));
}

const REFUSALS: Record<number, readonly [code: string | null, message: string]> = {
  400: ['content_policy_violation', 'Your request was rejected by our safety system.'],
  401: ['invalid_api_key', 'Incorrect API key provided.'],
  403: ['organization_not_verified', 'Your organization must be verified to use this model.'],
  404: ['model_not_found', 'The model does not exist or you do not have access to it.'],
  429: ['rate_limit_exceeded', 'Rate limit reached for requests.'],
  500: [null, 'The server had an error while processing your request.'],
  503: [null, 'The server is overloaded. Please try again later.'],
};

function refusal(status: number, behaviour: Behaviour = {}): OpenAiError {
  const [code, message] = REFUSALS[status] ?? [null, 'The request could not be processed.'];
  return new OpenAiError(status, behaviour.refuse_message ?? message, {
    code: behaviour.refuse_code ?? code,
    type: behaviour.refuse_type,
    retryAfterSeconds: behaviour.retry_after,
  });
}

function refuseIfCommanded(behaviour: Behaviour): void {
  if (behaviour.refuse !== undefined) throw refusal(behaviour.refuse, behaviour);
  if (behaviour.rate_limited) throw refusal(429, behaviour);
}
