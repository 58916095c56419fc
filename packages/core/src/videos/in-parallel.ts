/** Does the same for each item, a few at once. Waits for all of them; then throws the first error, if there was one. */
export async function inParallel<T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(atOnce, left.length) }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}
