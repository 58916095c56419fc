import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@reelgate/contract';
import { readContentType } from './content-type.ts';
import { type ApiError, badRequest } from './errors.ts';
import { formFields } from './form-fields.ts';
import { type FormLimits, readForm } from './multipart.ts';
import { assertPlainFields } from './plain-fields.ts';
import { readBody } from './read-body.ts';

/** Text only. The longest prompt is 32,000 code points of four bytes each. */
const FORM_LIMITS: Omit<FormLimits, 'timeoutMs'> = {
  maxBytes: 512 * 1024,
  maxParts: 16,
  maxTextBytes: 4 * LIMITS.promptMax,
  maxOverheadBytes: 32 * 1024,
};

/**
 * The fields of a request body, JSON or form alike. In a form every leaf is a string. Reads the raw Node request, because
 * the standard `formData()` corrupts parts without a file name.
 */
export async function readFields(
  incoming: IncomingMessage,
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  const type = readContentType(incoming);
  const fields =
    type.kind === 'json'
      ? parseJson(await readBody(incoming, { maxBytes: LIMITS.jsonBodyMaxBytes, timeoutMs }))
      : formFields(await readForm(incoming, type.boundary, { ...FORM_LIMITS, timeoutMs }, refuseFile));
  assertPlainFields(fields);
  return fields;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseJson(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    // Without the parser's own words, which quote the body.
    throw badRequest('invalid_json', 'We could not parse the JSON body of your request.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('invalid_json', 'The JSON body of your request must be an object.');
  }
  return value as Record<string, unknown>;
}

function refuseFile(name: string): never {
  throw unsupportedParameter(name);
}

export function unsupportedParameter(name: string): ApiError {
  return badRequest('unsupported_parameter', `The parameter '${name}' is not supported.`, name);
}
