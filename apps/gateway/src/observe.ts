import type { LogFields, Metrics } from '@reelgate/runtime';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** Counts and times requests by what the log tells of them. */
export function timeRequests(metrics: Metrics): (event: string, fields: LogFields) => void {
  const labels = ['method', 'route', 'status'];
  const count = metrics.counter('http_requests_total', 'Requests, by route and status.', labels);
  const time = metrics.histogram('http_request_seconds', 'How long they took.', ['method', 'route'], SECONDS);
  return (event, { method, route, status, durationMs }) => {
    if (event !== 'http.request') return;
    count({ method: String(method), route: String(route), status: String(status) });
    if (typeof durationMs === 'number')
      time({ method: String(method), route: String(route) }, durationMs / 1_000);
  };
}
