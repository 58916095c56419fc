import type { Evidence, Finding, Section } from './evidence.ts';

interface Bucket {
  readonly id: string;
  readonly scope_kind: 'org' | 'team' | 'key';
  readonly scope_id: string;
  readonly metric: string;
  readonly hard_limit: string | null;
  readonly overrun_allowed: string;
  readonly reserved: string;
  readonly settled: string;
  readonly ledger_reserved: string;
  readonly ledger_settled: string;
  /** Of what an admin has to decide. */
  readonly parked: string;
}

interface Charged {
  readonly id: string;
  readonly team_id: string;
  readonly key_id: string;
  readonly upstream_id: string | null;
  readonly final_micro: string | null;
}

/** I3: balances are the sums of their ledger, never above their limits, and at rest exactly what the upstream charged. */
export async function checkMoney(evidence: Evidence): Promise<Section> {
  const findings: Finding[] = [];
  let wrongMicroUsd = 0n;
  const wrong = (id: string, what: string, by: bigint = 0n) => {
    findings.push({ invariant: 'I3', id, what });
    wrongMicroUsd += by < 0n ? -by : by;
  };
  const { rows: buckets } = await evidence.database.query<Bucket>(
    `select b.id::text, l.scope_kind, l.scope_id, l.metric, b.hard_limit::text, b.overrun_allowed::text,
            b.reserved::text, b.settled::text,
            coalesce(sum(g.d_reserved), 0)::text as ledger_reserved, coalesce(sum(g.d_settled), 0)::text as ledger_settled,
            (select coalesce(sum(r.amount), 0) from quota_reservations r where r.bucket_id = b.id and r.state = 'parked')::text as parked
       from quota_buckets b join quota_limits l on l.id = b.limit_id left join quota_ledger g on g.bucket_id = b.id
      group by b.id, l.id`,
  );
  const { rows: videos } = await evidence.database.query<Charged>(
    'select id, team_id, key_id, upstream_id, final_micro::text from videos',
  );
  const charges = new Map(evidence.truth.map((video) => [video.id, BigInt(video.charged_micro_usd)]));
  const chargeOf = (video: Charged) => charges.get(video.upstream_id ?? '') ?? 0n;

  for (const video of videos) {
    const booked = BigInt(video.final_micro ?? 0);
    const charged = chargeOf(video);
    if (booked !== charged)
      wrong(video.id, `booked as ${booked} micro-dollars, charged ${charged}`, booked - charged);
  }
  for (const bucket of buckets) {
    const name = `${bucket.scope_kind} ${bucket.scope_id} ${bucket.metric}`;
    const [reserved, settled, parked] = [
      BigInt(bucket.reserved),
      BigInt(bucket.settled),
      BigInt(bucket.parked),
    ];
    if (reserved !== BigInt(bucket.ledger_reserved) || settled !== BigInt(bucket.ledger_settled)) {
      wrong(name, 'is not the sum of its ledger', settled - BigInt(bucket.ledger_settled));
    }
    if (
      bucket.hard_limit !== null &&
      reserved + settled > BigInt(bucket.hard_limit) + BigInt(bucket.overrun_allowed)
    )
      wrong(name, 'is above its limit');
    if (reserved !== parked) wrong(name, `at rest still holds ${reserved - parked}`);
    if (bucket.metric !== 'cost') continue;
    const charged = videos
      .filter((video) => {
        if (bucket.scope_kind === 'org') return true;
        return (bucket.scope_kind === 'team' ? video.team_id : video.key_id) === bucket.scope_id;
      })
      .reduce((sum, video) => sum + chargeOf(video), 0n);
    if (settled !== charged)
      wrong(name, `has settled ${settled}, the upstream charged ${charged}`, settled - charged);
  }
  return {
    findings,
    counts: {
      'micro-dollars wrong': Number(wrongMicroUsd),
      'micro-dollars charged': Number([...charges.values()].reduce((sum, charge) => sum + charge, 0n)),
      'reservations parked': buckets.filter((bucket) => bucket.parked !== '0').length,
    },
  };
}
