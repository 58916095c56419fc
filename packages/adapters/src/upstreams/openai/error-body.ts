/** What a refusal said, where it said it readably. Nothing here is fit to be shown yet. */
export interface ErrorBody {
  readonly code?: string;
  readonly type?: string;
  readonly message?: string;
  readonly param?: string;
}

const WORD = /^[A-Za-z0-9_.-]{1,64}$/;
const PARAM = /^[A-Za-z0-9_.[\]-]{1,64}$/;

/**
 * Reads the shapes that servers of this wire use: `{error: {code, type, message, param}}` with a string or a number as
 * code, the same in an array, `{error: "text"}`, FastAPI's `{detail: "text"}` and `{detail: [{loc, msg}]}`, and a bare error.
 */
export function readErrorBody(body: unknown): ErrorBody {
  if (Array.isArray(body)) return readErrorBody(body[0]);
  if (!isRecord(body)) return {};
  const { error, detail } = body;
  if (typeof error === 'string') return fields({ message: error });
  if (isRecord(error)) return fields(error);
  if (typeof detail === 'string') return fields({ message: detail });
  if (isRecord(detail)) return fields(detail);
  if (Array.isArray(detail)) {
    const [first] = detail as unknown[];
    if (!isRecord(first)) return {};
    const param = Array.isArray(first.loc) ? first.loc.at(-1) : undefined;
    return fields({ message: first.msg, param });
  }
  return fields(body);
}

/** The error of a job, which is an error without its envelope: an object, or in some servers a bare text. */
export function readJobError(error: unknown): ErrorBody {
  return typeof error === 'string' ? fields({ message: error }) : isRecord(error) ? fields(error) : {};
}

function fields(error: Record<string, unknown>): ErrorBody {
  const code = word(typeof error.code === 'number' ? String(error.code) : error.code);
  const type = word(error.type);
  const { message, param } = error;
  return {
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
    ...(typeof message === 'string' && { message }),
    ...(typeof param === 'string' && PARAM.test(param) && { param }),
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && WORD.test(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
