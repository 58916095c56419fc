import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './servers.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  project.provide('postgresServerUrl', postgres.url);
  return () => postgres.stop();
}
