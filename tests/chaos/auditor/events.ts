import type { Evidence, Finding, Section } from './evidence.ts';

interface Terminal {
  readonly id: string;
  readonly state: string;
  readonly completed: number;
  readonly failed: number;
  /** Its owner had deleted it before it ended, so that nobody is told. */
  readonly untold: boolean;
}

interface Delivery {
  readonly event_id: string;
  readonly team_id: string;
  readonly endpoint_id: string;
  readonly state: string | null;
  readonly count: number;
  readonly payload: string;
}

/** I5: each end is told once, to everyone who wants it, and to nobody else. */
export async function checkEvents(evidence: Evidence): Promise<Section> {
  const findings: Finding[] = [];
  const find = (id: string, what: string, invariant: Finding['invariant'] = 'I5') =>
    void findings.push({ invariant, id, what });
  const { rows: terminals } = await evidence.database.query<Terminal>(
    `select v.id, v.state,
            (select count(*) from events e where e.video_id = v.id and e.type = 'video.completed')::int as completed,
            (select count(*) from events e where e.video_id = v.id and e.type = 'video.failed')::int as failed,
            v.delete_requested_at is not null and v.delete_requested_at <= coalesce(v.stored_at, v.delete_requested_at) as untold
       from videos v where v.state in ('stored', 'partly_stored', 'content_lost', 'failed')`,
  );
  for (const video of terminals) {
    const kept = video.state === 'stored' || video.state === 'partly_stored';
    if (video.completed > 1 || video.failed > 1) find(video.id, 'its end was told more than once');
    if (!video.untold && kept && video.completed === 0) find(video.id, `${video.state}, and nobody was told`);
    if (!video.untold && !kept && video.failed === 0) find(video.id, `${video.state}, and nobody was told`);
    if (!kept && video.completed > 0) find(video.id, `told as completed, but ${video.state}`);
  }

  const { rows: deliveries } = await evidence.database.query<Delivery>(
    `select e.id as event_id, e.team_id, w.id as endpoint_id, max(d.state) as state, count(d.id)::int as count,
            convert_from(e.payload, 'UTF8') as payload
       from events e
       join webhook_endpoints w on w.team_id = e.team_id and e.type = any(w.event_types) and w.created_at <= e.occurred_at
       left join webhook_deliveries d on d.event_id = e.id and d.endpoint_id = w.id and d.replay_of is null
      group by e.id, w.id`,
  );
  const received = Map.groupBy(evidence.received, (each) => each.webhookId);
  const known = new Map(deliveries.map((each) => [each.event_id, each]));
  let repeated = 0;
  for (const delivery of deliveries) {
    if (delivery.count !== 1) find(delivery.event_id, `has ${delivery.count} deliveries for one endpoint`);
    if (delivery.state === 'pending') find(delivery.event_id, 'is still to be delivered');
    const taken = (received.get(delivery.event_id) ?? []).filter((each) => each.accepted);
    if (delivery.state === 'delivered' && taken.length === 0)
      find(delivery.event_id, 'counts as delivered, and nobody got it');
    repeated += Math.max(0, taken.length - 1);
  }
  for (const webhook of evidence.received) {
    const delivery = known.get(webhook.webhookId);
    if (!delivery) find(webhook.webhookId, 'was delivered, and there is no such event');
    else if (delivery.team_id !== webhook.teamId)
      find(webhook.webhookId, `went to ${webhook.teamId}, and is another team's`, 'I4');
    else if (delivery.payload !== webhook.body)
      find(webhook.webhookId, 'was sent with other bytes than are kept');
    if (!webhook.verified) find(webhook.webhookId, 'has no valid signature');
  }
  return {
    findings,
    counts: {
      events: deliveries.length,
      'webhooks received': evidence.received.length,
      'webhooks received again after a crash': repeated,
    },
  };
}
