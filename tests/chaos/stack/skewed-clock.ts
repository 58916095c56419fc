/** Imported before a process of the stack: its clock is wrong by `CLOCK_SKEW_MS`. */
const skewMs = Number(process.env.CLOCK_SKEW_MS ?? 0);
const { timeOrigin } = performance;
const Right = Date;
const now = () => Right.now() + skewMs;

globalThis.Date = new Proxy(Right, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
  apply: () => new Right(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
Object.defineProperty(performance, 'timeOrigin', { get: () => timeOrigin + skewMs });
