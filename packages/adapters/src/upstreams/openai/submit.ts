import type { SubmitResult, UpstreamJob } from '@reelgate/core/ports';
import { readJson } from '../read-json.ts';
import { classifyAnswer, classifyFailure } from './classify.ts';
import { encodeForm, findUnsendable, formFields } from './multipart.ts';
import { createSingleUseClient, type Target } from './target.ts';

/** A video with the longest prompt, every character of it escaped, is below this. */
export const VIDEO_MAX_BYTES = 512 * 1024;

/**
 * Sends one create over a connection of its own, once. Always multipart: it is the one encoding that every server of this
 * wire takes. The body is whole before the connection is opened, so nothing of ours can break it off half-way.
 */
export async function submit(target: Target, job: UpstreamJob, submissionId: string): Promise<SubmitResult> {
  const refusal = refuse(job);
  if (refusal) return refusal;
  const { client, connected } = createSingleUseClient(target);
  try {
    const { body, contentType } = encodeForm(formFields(job));
    const url = target.url('/videos');
    const response = await client.request({
      method: 'POST',
      path: url.pathname,
      headers: {
        ...target.headers(url),
        accept: 'application/json',
        'content-type': contentType,
        'x-client-request-id': submissionId,
      },
      body,
      signal: AbortSignal.timeout(target.timeouts.createTotalMs),
    });
    const answer = await readJson(response, VIDEO_MAX_BYTES);
    return classifyAnswer(
      { status: response.statusCode, headers: response.headers, body: answer },
      { scrub: target.scrub, now: Date.now(), prompt: job.prompt },
    );
  } catch (error) {
    return classifyFailure(error, connected());
  } finally {
    client.destroy().catch(() => {});
  }
}

function refuse(job: UpstreamJob): SubmitResult | undefined {
  if (job.operation !== 'create') {
    return refused('unsupported_operation', `This model's upstream does not offer '${job.operation}'.`);
  }
  const param = findUnsendable(job.params);
  if (param === undefined) return undefined;
  return refused('unsupported_parameter', "This model's upstream does not take this parameter.", param);
}

function refused(code: string, message: string, param?: string): SubmitResult {
  return {
    kind: 'refused',
    error: { code, message, ...(param !== undefined && { param: param.slice(0, 64) }) },
    retry: 'never',
    operatorFault: false,
  };
}
