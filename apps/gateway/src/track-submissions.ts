import type { UpstreamDirectory } from '@reelgate/core';
import type { InFlight } from './in-flight.ts';

/**
 * The same upstreams; every create that is sent is in flight until its answer is there, also when its caller has had an
 * answer long before. An answer that is not waited for would have to be searched for, while its money stays reserved.
 */
export function trackSubmissions(find: UpstreamDirectory, inFlight: InFlight): UpstreamDirectory {
  return (accountId) => {
    const upstream = find(accountId);
    return (
      upstream && { ...upstream, submit: (job, options) => inFlight.track(upstream.submit(job, options)) }
    );
  };
}
