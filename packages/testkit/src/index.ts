export { createServerDatabase, createTestDatabase, type TestDatabase } from './database.ts';
export { controlFailpoints, type FailpointControl, type FailpointMode } from './failpoints.ts';
export { type FaultyLink, type LinkFault, startFaultyLink } from './faulty-link.ts';
export { seedModels, seedTeam, TEST_ACCOUNT } from './fixtures.ts';
export { startTestPostgres } from './servers.ts';
export { type GroundTruth, startSimulator, type TestSimulator } from './simulator.ts';
export { startWalk, type VideoFacts, type Walk } from './walk.ts';
