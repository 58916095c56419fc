import type { TestProject } from 'vitest/node';
import { makeHome, removeHome, startStack } from './stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the stack that most files share: its home, and how its first run went. */
    stack: { home: string; readyMs: number; output: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await makeHome();
  const stack = await startStack(home);
  await stack.printed(/^Press Ctrl-C to stop/m);
  project.provide('stack', { home, readyMs: stack.readyMs, output: stack.output() });
  return async () => {
    await stack.end('SIGTERM');
    await removeHome(home);
  };
}
