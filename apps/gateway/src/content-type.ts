import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './errors.ts';
import { headerValues } from './headers.ts';

export type BodyKind = { readonly kind: 'json' } | { readonly kind: 'form'; readonly boundary: string };

/** One parameter of a media type: `name=token` or `name="quoted"`. Both alternatives are linear. */
const PARAMETER = /^\s*([\w-]+)\s*=\s*(?:"([^"\\]*)"|([^\s;"]+))\s*$/;
/** RFC 2046: 1 to 70 of these, the last not a space. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/** How the body of a create is to be read. Throws 415 for every other kind, 400 for a boundary that cannot be one. */
export function readContentType(incoming: IncomingMessage): BodyKind {
  const encodings = headerValues(incoming, 'content-encoding');
  if (encodings.some((encoding) => encoding.trim().toLowerCase() !== 'identity')) {
    throw unsupported('Compressed requests are not accepted; send the body without Content-Encoding.');
  }
  const types = headerValues(incoming, 'content-type');
  const [mediaType, ...rest] = (types[0] ?? '').split(';');
  if (types.length !== 1) {
    throw unsupported("Send exactly one Content-Type: 'application/json' or 'multipart/form-data'.");
  }
  const parameters = rest.filter((text) => text.trim() !== '').map(readParameter);
  switch (mediaType?.trim().toLowerCase()) {
    case 'application/json': {
      const charset = parameters.find(({ name }) => name === 'charset');
      if (charset && charset.value.toLowerCase() !== 'utf-8')
        throw unsupported('JSON must be sent as UTF-8.');
      return { kind: 'json' };
    }
    case 'multipart/form-data': {
      const boundaries = parameters.filter(({ name }) => name === 'boundary');
      const boundary = boundaries[0]?.value ?? '';
      if (boundaries.length !== 1 || !BOUNDARY.test(boundary)) {
        throw badRequest('invalid_form', 'The boundary of the multipart body is missing or not valid.');
      }
      return { kind: 'form', boundary };
    }
    default:
      throw unsupported("Unsupported Content-Type. Send 'application/json' or 'multipart/form-data'.");
  }
}

function readParameter(text: string): { name: string; value: string } {
  const match = PARAMETER.exec(text);
  if (!match) throw badRequest('invalid_content_type', 'The Content-Type header cannot be read.');
  return { name: (match[1] ?? '').toLowerCase(), value: match[2] ?? match[3] ?? '' };
}

function unsupported(message: string): ApiError {
  return new ApiError(415, message, { code: 'unsupported_content_type' });
}
