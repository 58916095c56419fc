import { ReelgateError } from './errors.ts';
import type { UpstreamError } from './ports/index.ts';

/** What its caller is told of a request that the upstream refused for good: the upstream's own words. */
export function refusedByUpstream({
  code,
  type,
  message,
  param,
  httpStatus = 400,
}: UpstreamError): ReelgateError {
  return new ReelgateError('upstream_refused', message, {
    ...(param === undefined ? {} : { param }),
    upstream: { code, httpStatus, ...(type === undefined ? {} : { type }) },
  });
}
