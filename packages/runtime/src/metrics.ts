import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LogFields, Logger } from './logger.ts';

type Labels = Readonly<Record<string, string>>;

export interface Measured {
  readonly labels?: Labels;
  readonly value: number;
}

export interface Metrics {
  counter(name: string, help: string, labels: readonly string[]): (labels: Labels) => void;
  /** In seconds. */
  histogram(
    name: string,
    help: string,
    labels: readonly string[],
    buckets: readonly number[],
  ): (labels: Labels, seconds: number) => void;
  /** Read whenever somebody asks for the metrics. Where that fails the gauge is absent, which an alarm can see. */
  gauge(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Promise<readonly Measured[]> | readonly Measured[],
  ): void;
  text(): Promise<string>;
}

/** The figures of one process, in Prometheus' form. Every name begins with `reelgate_`, but for those of Node itself. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter(name, help, labelNames) {
      const counter = new Counter({ name: `reelgate_${name}`, help, labelNames: [...labelNames], registers });
      return (labels) => counter.inc(labels);
    },
    histogram(name, help, labelNames, buckets) {
      const histogram = new Histogram({
        name: `reelgate_${name}`,
        help,
        labelNames: [...labelNames],
        buckets: [...buckets],
        registers,
      });
      return (labels, seconds) => histogram.observe(labels, seconds);
    },
    gauge(name, help, labelNames, read) {
      new Gauge({
        name: `reelgate_${name}`,
        help,
        labelNames: [...labelNames],
        registers,
        async collect() {
          this.reset();
          if (labelNames.length === 0) this.remove();
          const measured = await Promise.resolve(read()).catch(() => []);
          for (const { labels = {}, value } of measured) this.set(labels, value);
        },
      });
    },
    text: () => registry.metrics(),
  };
}

/** A log whose events are counted as well: their names are few and constant. */
export function countEvents(
  log: Logger,
  metrics: Metrics,
  onEvent: (event: string, fields: LogFields) => void = () => {},
): Logger {
  const count = metrics.counter('events_total', 'Log events by name and severity.', ['event', 'level']);
  const over = (inner: Logger): Logger => {
    const level =
      (name: 'debug' | 'info' | 'warn' | 'error') =>
      (event: string, fields: LogFields = {}) => {
        count({ event, level: name });
        onEvent(event, fields);
        inner[name](event, fields);
      };
    return {
      debug: level('debug'),
      info: level('info'),
      warn: level('warn'),
      error: level('error'),
      child: (fields) => over(inner.child(fields)),
    };
  };
  return over(log);
}

/** `/metrics` on a port of its own: it tells how much a company renders, so it belongs to no public listener. */
export async function startMetricsServer(options: {
  readonly metrics: Metrics;
  readonly host: string;
  readonly port: number;
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') return void response.writeHead(404).end();
    try {
      const text = await options.metrics.text();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    } catch {
      response.writeHead(500).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
