import type { SubmitResult, UpstreamFile, UpstreamJob } from '@reelgate/core/ports';
import { readJson } from '../read-json.ts';
import { type Answer, classifyAnswer, classifyFailure, type Unproved } from './classify.ts';
import { type EncodedForm, encodeForm, type Field, findUnsendable, formFields } from './multipart.ts';
import { createSingleUseClient, type Target } from './target.ts';

/** A video with the longest prompt, every character of it escaped, is below this. */
export const VIDEO_MAX_BYTES = 512 * 1024;

/** Sends one job over a connection of its own, once. */
export async function submit(target: Target, job: UpstreamJob, submissionId: string): Promise<SubmitResult> {
  const refusal = refuse(target, job);
  if (refusal) return refusal;
  const sent = await postForm(target, pathOf(job), formFields(job), job.files, {
    'x-client-request-id': submissionId,
  });
  return sent.kind === 'answer'
    ? classifyAnswer(sent.answer, { scrub: target.scrub, now: Date.now(), prompt: job.prompt })
    : sent.result;
}

function pathOf(job: UpstreamJob): string {
  switch (job.operation) {
    case 'create':
      return '/videos';
    case 'remix':
      return `/videos/${encodeURIComponent(job.source?.id ?? '')}/remix`;
    case 'edit':
      return '/videos/edits';
    case 'extend':
      return '/videos/extensions';
  }
}

type Sent =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly result: Unproved };

/**
 * Posts one form, once. Always multipart: it is the one encoding that every server of this wire takes. A file that cannot be
 * opened is found before the connection is, so that a request is never broken off by something of ours.
 */
export async function postForm(
  target: Target,
  path: string,
  fields: readonly Field[],
  files: readonly UpstreamFile[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  let form: EncodedForm;
  try {
    form = await encodeForm(fields, files);
  } catch (error) {
    return { kind: 'failure', result: classifyFailure(error, false) };
  }
  const { client, connected } = createSingleUseClient(target);
  try {
    const url = target.url(path);
    const response = await client.request({
      method: 'POST',
      path: url.pathname,
      headers: {
        ...target.headers(url),
        ...headers,
        accept: 'application/json',
        'content-type': form.contentType,
        'content-length': String(form.contentLength),
      },
      body: form.body,
      signal: AbortSignal.timeout(target.timeouts.createTotalMs),
    });
    const body = await readJson(response, VIDEO_MAX_BYTES);
    return { kind: 'answer', answer: { status: response.statusCode, headers: response.headers, body } };
  } catch (error) {
    return { kind: 'failure', result: classifyFailure(error, connected()) };
  } finally {
    client.destroy().catch(() => {});
  }
}

function refuse(target: Target, job: UpstreamJob): SubmitResult | undefined {
  if (!target.operations.has(job.operation)) {
    return refused('unsupported_operation', `This model's upstream does not offer '${job.operation}'.`);
  }
  if (job.operation !== 'create' && !job.source && !job.files.some((file) => file.field === 'video')) {
    return refused('source_unavailable', 'The video to start from is no longer to be had.', 'video');
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
