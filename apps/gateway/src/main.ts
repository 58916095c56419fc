import '@reelgate/runtime/quick-imports';

await import('./run.ts');
