import { insideTransaction } from '@reelgate/db';

/** The same port, but every call of it inside a transaction throws: a transaction never waits for the outside. */
export function guardPort<P extends object>(name: string, port: P): P {
  return new Proxy(port, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (insideTransaction())
          throw new Error(`${name}.${String(property)} was called inside a transaction`);
        return Reflect.apply(member, target, given);
      };
    },
  });
}
