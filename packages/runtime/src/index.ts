export { announceReady } from './announce-ready.ts';
export {
  type Configuration,
  loadConfiguration,
  type ModelConfiguration,
  parseConfiguration,
  type UpstreamConfiguration,
} from './configuration.ts';
export { renderConfigurationPage } from './configuration-page.ts';
export {
  describeEnvironment,
  EnvironmentError,
  type EnvironmentRow,
  parseEnvironment,
  variable,
} from './env.ts';
export { createHealth, type Health, type HealthReport } from './health.ts';
export { createLogger, type LogFields, type Logger, type LogLevel } from './logger.ts';
export { countEvents, createMetrics, type Measured, type Metrics, startMetricsServer } from './metrics.ts';
export { ownServers } from './own-servers.ts';
export { formatQuotaFile, parseQuotaFile, type QuotaEntry } from './quota-file.ts';
export {
  checkObjectStoreChoice,
  fallbackStoreSettings,
  objectStoreSettings,
  serverVariables,
} from './server-environment.ts';
export { createShutdown, type Shutdown } from './shutdown.ts';
export { measureUpstreamCalls } from './upstream-metrics.ts';
export { ConfigurationError } from './yaml-file.ts';
