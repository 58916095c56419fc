/**
 * To be imported before the rest of a program, for a quick start (docs/adr/0011-quick-imports.md).
 *
 * What has been compiled, and stripped of its types, is kept for the next process; where that cannot be written nothing is lost.
 *
 * And drizzle-orm loads in a fraction of the time. Node parses a package's whole `exports` for each import that leads to it and for
 * each of its modules, and those of drizzle-orm are 180 kB of JSON. Neither is needed: its modules name each other by relative paths,
 * and from our own files a name leads to the same module every time.
 */
import { enableCompileCache, type ResolveFnOutput, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// Not where Node would put it: what all users of a machine can write to is no place for code.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url)));

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
