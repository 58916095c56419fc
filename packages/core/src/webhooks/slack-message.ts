/** An event in the words of a chat: what Slack, and what calls itself compatible with it, takes at an incoming webhook. */

export interface SlackVideo {
  readonly model: string;
  readonly seconds: number;
  readonly size: string;
  readonly team: string;
  readonly errorMessage: string | null;
  /** A link that works without a key, for as long as the picture of it is worth looking at. */
  readonly thumbnailUrl: string | null;
  readonly videoUrl: string | null;
}

const HEADLINES: Readonly<Record<string, string>> = {
  'video.queued': ':hourglass: A video is queued',
  'video.in_progress': ':clapper: A video is being rendered',
  'video.rendered': ':film_frames: A video is rendered and being stored',
  'video.at_risk': ':warning: A rendered video is not stored yet, and its upstream forgets it soon',
  'video.completed': ':white_check_mark: A video is completed',
  'video.failed': ':x: A video has failed',
  'video.deleted': ':wastebasket: A video was deleted',
  'quota.threshold_reached': ':bar_chart: A quota has reached a threshold',
  'quota.exhausted': ':no_entry: A quota is used up',
  'budget_request.created': ':raising_hand: More budget is asked for',
  'api_key.paused': ':rotating_light: An API key was too fast and is paused',
  'webhook_endpoint.disabled': ':electric_plug: A webhook endpoint was disabled',
};

export function slackMessage(event: {
  readonly type: string;
  /** Of what the event is about. */
  readonly id: string;
  readonly video: SlackVideo | null;
  readonly sample?: boolean;
}): object {
  const { type, id, video, sample = false } = event;
  const headline = `${sample ? '(Sample) ' : ''}${HEADLINES[type] ?? type}`;
  const facts = [
    ...(video ? [`${video.model}, ${video.seconds} s, ${video.size}`, `team ${video.team}`] : []),
    `\`${id}\``,
    ...(video?.videoUrl ? [`<${video.videoUrl}|Watch it>`] : []),
  ];
  const details = type === 'video.failed' && video?.errorMessage ? `\n>${escaped(video.errorMessage)}` : '';
  const text = `*${headline}*\n${facts.map((fact) => (fact.startsWith('<') ? fact : escaped(fact))).join(' · ')}${details}`;
  return {
    text: headline,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      ...(video?.thumbnailUrl
        ? [{ type: 'image', image_url: video.thumbnailUrl, alt_text: `Thumbnail of ${id}` }]
        : []),
    ],
  };
}

/** The three characters that mean something in Slack's text. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
