/** A health check that asks at most once in `forMs`, so that probes of many load balancers stay cheap. Failures too are remembered. */
export function rememberedCheck(check: () => Promise<void>, forMs: number): () => Promise<void> {
  let last: { readonly result: Promise<void>; readonly untilMs: number } | undefined;
  return () => {
    if (last === undefined || last.untilMs <= performance.now()) {
      last = { result: check(), untilMs: performance.now() + forMs };
    }
    return last.result;
  };
}
