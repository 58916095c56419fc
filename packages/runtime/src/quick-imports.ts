/**
 * Makes drizzle-orm load in a fraction of the time. Node parses a package's whole `exports` for each import that leads to it and for
 * each of its modules, and those of drizzle-orm are 180 kB of JSON. Neither is needed: its modules name each other by relative paths,
 * and from our own files a name leads to the same module every time.
 * To be imported before anything that imports drizzle-orm (docs/adr/0011-quick-imports.md).
 */
import { type ResolveFnOutput, registerHooks } from 'node:module';

const NAME = /^drizzle-orm(\/|$)/;
const OWN_MODULE = /^\.{1,2}\/.*\.js$/;
const found = new Map<string, ResolveFnOutput>();

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL = '' } = context;
    if (OWN_MODULE.test(specifier) && parentURL.includes('/node_modules/drizzle-orm/')) {
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    }
    if (!NAME.test(specifier) || parentURL.includes('/node_modules/')) return nextResolve(specifier, context);
    const known = found.get(specifier) ?? nextResolve(specifier, context);
    found.set(specifier, known);
    return { ...known, shortCircuit: true };
  },
});
