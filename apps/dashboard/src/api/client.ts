/** What the admin API or sign-in refused, in its own words. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;

  constructor(status: number, body: ErrorBody | null, requestId: string | null) {
    super(body?.error?.message ?? `The gateway answered ${status}.`);
    this.status = status;
    this.code = body?.error?.code ?? null;
    this.param = body?.error?.param ?? null;
    this.requestId = requestId;
  }
}

/** What to tell somebody of an error: the API's own words where there are any. */
export function failureText(error: unknown): string {
  return error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.';
}

interface ErrorBody {
  readonly error?: {
    readonly message?: string;
    readonly code?: string | null;
    readonly param?: string | null;
  };
}

export type Query = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

/** `path` with what of `query` is set; a list becomes a repeated parameter. */
export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

type Listener = () => void;
const signedOutListeners = new Set<Listener>();

/** Called when the gateway no longer knows our session. */
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

let signInAgain: (() => Promise<boolean>) | null = null;

/** Called when a change needs a more recent sign-in; the change is sent once more where `ask` says that there was one. */
export function onRecentSignInNeeded(ask: () => Promise<boolean>): () => void {
  signInAgain = ask;
  return () => {
    signInAgain = null;
  };
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await sendOnce(method, path, body, signal);
  } catch (error) {
    const needed = error instanceof ApiFailure && error.code === 'recent_sign_in_required';
    if (!needed || !(await signInAgain?.())) throw error;
    return await sendOnce(method, path, body, signal);
  }
}

async function sendOnce<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const json = isJson(response) && text ? (JSON.parse(text) as unknown) : null;
  if (!response.ok) {
    if (response.status === 401 && path.startsWith('/admin/')) for (const tell of signedOutListeners) tell();
    throw new ApiFailure(response.status, json as ErrorBody | null, response.headers.get('x-request-id'));
  }
  return json as T;
}

function isJson(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').includes('json');
}

/** Same-origin requests with the session's cookie. Each rejects with `ApiFailure`. */
export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    send<T>('GET', withQuery(path, query), undefined, signal),
  post: <T>(path: string, body: unknown = {}) => send<T>('POST', path, body),
  patch: <T>(path: string, body: unknown) => send<T>('PATCH', path, body),
  delete: <T>(path: string, body?: unknown) => send<T>('DELETE', path, body),
};
