export interface KnownDifference {
  /** Of the place, as `step: path`. */
  readonly where: RegExp;
  /** What it is through the gateway, as JSON. */
  readonly gateway: RegExp;
  readonly reason: string;
}

const notFound = /^(404|"NotFound(Error|Exception)")$/;

/** What may differ through the gateway. Of refusals only the kind is known of the original, so each side words its own. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    where: /[.\]]expires_at$/,
    gateway: /^null$/,
    reason:
      'without a retention rule of the team what is stored does not expire, so there is no time to tell',
  },
  {
    where: /^(retrieve|download|delete|remix|edit|extend|get|create) .*(deleted|unknown).*: error\.param$/,
    gateway: /^"(video_id|video|character_id|characters|file_id|input_reference)"$/,
    reason: 'the gateway names the parameter that leads nowhere',
  },
  {
    where: /^download before completion: error\.(class|status)$/,
    gateway: notFound,
    reason:
      'to the gateway, content that is not there yet is content that is not there; the code is the same',
  },
  {
    where: /^create with an empty prompt: error\.code$/,
    gateway: /^"invalid_value"$/,
    reason: 'a prompt that is given and empty is not missing',
  },
  {
    where: /^create with an unknown model: error\.(class|status|code)$/,
    gateway: /^(404|"NotFound(Error|Exception)"|"model_not_found")$/,
    reason: 'which models there are is what a gateway was configured with, not part of the API',
  },
  {
    where: /^list after what is unknown: error\.(class|status|code|param)$/,
    gateway: /^(400|"BadRequest(Error|Exception)"|"invalid_value"|"after")$/,
    reason: 'a query that leads nowhere is a bad request, whose parameter is named',
  },
];
