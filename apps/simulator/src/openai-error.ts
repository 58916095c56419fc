/** A refusal in the shape of OpenAI's: `{"error":{"message","type","param","code"}}`. */
export class OpenAiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;
  readonly type: string;
  /** Seconds for a Retry-After header, if it is to be sent. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    message: string,
    detail: {
      code?: string | null;
      param?: string | null;
      type?: string | undefined;
      retryAfterSeconds?: number | undefined;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = detail.code ?? null;
    this.param = detail.param ?? null;
    this.type = detail.type ?? typeOf(status, this.code);
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }

  toBody() {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

export function invalid(param: string, message: string, code = 'invalid_value'): OpenAiError {
  return new OpenAiError(400, message, { code, param });
}

export function characterNotFound(id: string): OpenAiError {
  return new OpenAiError(404, `Character with id '${id}' not found.`, { code: 'character_not_found' });
}

export function fileNotFound(id: string): OpenAiError {
  return new OpenAiError(404, `File with id '${id}' not found.`, { code: 'file_not_found' });
}

export function videoNotFound(id: string): OpenAiError {
  return new OpenAiError(404, `Video with id '${id}' not found.`, { code: 'video_not_found' });
}

function typeOf(status: number, code: string | null): string {
  if (status === 429) return code === 'insufficient_quota' ? 'insufficient_quota' : 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
