import { describe, expect, test } from 'vitest';
import { createLogger, type LogFields, type LogLevel } from './logger.ts';

function capture(level: LogLevel = 'debug') {
  const written: string[] = [];
  const log = createLogger({
    service: 'gateway',
    level,
    destination: { write: (line) => written.push(line) },
  });
  return { log, written, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  test('writes one flat JSON line with the event, service, level and time', () => {
    const { log, written, lines } = capture();
    log.info('video.created', {
      videoId: 'video_1',
      durationMs: 12,
      priceMicroUsd: 800_000n,
      replayed: false,
    });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^[^\n]+\n$/);
    const [line] = lines();
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      service: 'gateway',
      event: 'video.created',
      videoId: 'video_1',
      durationMs: 12,
      priceMicroUsd: '800000',
      replayed: false,
    });
  });

  test('a child puts its fields on every line', () => {
    const { log, lines } = capture();
    log.child({ requestId: 'req_1' }).child({ teamId: 'team_1' }).warn('request.slow', { status: 200 });
    expect(lines()).toMatchObject([{ requestId: 'req_1', teamId: 'team_1', status: 200, level: 'warn' }]);
  });

  test('keeps to its level', () => {
    const { log, lines } = capture('warn');
    log.info('a.b');
    log.error('c.d');
    expect(lines().map((line) => line.event)).toEqual(['c.d']);
  });

  test('drops what is not on the list and says which names', () => {
    const { log, written, lines } = capture();
    const fields = {
      prompt: 'canary',
      authorization: 'Bearer canary',
      body: { videoId: 'canary' },
    } as LogFields;
    log.info('request.finished', fields);
    log.child(fields).info('request.finished');
    expect(written.join('')).not.toContain('canary');
    expect(lines()[0]?.droppedFields).toEqual(['prompt', 'authorization', 'body']);
  });

  test('an object under a known name is not unfolded', () => {
    const { log, written } = capture();
    log.info('a.b', {
      status: { prompt: 'canary' },
      videoIds: [{ prompt: 'canary' }],
    } as unknown as LogFields);
    expect(written.join('')).not.toContain('canary');
  });

  test('masks what looks like a credential and cuts what is too long', () => {
    const { log, written, lines } = capture();
    log.warn('upstream.refused', {
      reason:
        'Bearer abc.canary for rg_live_canary123 and sk-proj-canary12345 at https://u:canary@host/?X-Amz-Signature=canary',
      outcome: 'x'.repeat(10_000),
    });
    expect(written.join('')).not.toContain('canary');
    expect(String(lines()[0]?.outcome)).toHaveLength(500);
  });

  test('a line break in a value stays inside the line', () => {
    const { log, written } = capture();
    log.info('a.b', { reason: 'x\n{"level":"error"}' });
    expect(written.join('').split('\n')).toHaveLength(2);
  });
});

describe('error', () => {
  test('keeps message, code, stack and cause of an error that quotes nothing', () => {
    const { log, lines } = capture();
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    log.error('job.failed', { error: new TypeError('no such thing', { cause }) });
    expect(lines()[0]?.error).toMatchObject({
      name: 'TypeError',
      message: 'no such thing',
      stack: expect.arrayContaining([expect.stringMatching(/^at .*logger\.test\.ts/)]),
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' },
    });
  });

  test('leaves out the message of an error that may quote data, wherever it stands', () => {
    class QueryError extends Error {}
    const { log, written, lines } = capture();
    const database = Object.assign(new QueryError('invalid input: "canary"'), {
      code: '23505',
      constraint: 'videos_pkey',
      detail: 'Key (prompt)=(canary) exists',
    });
    log.error('job.failed', { error: new QueryError('insert … params: canary', { cause: database }) });
    let syntax: unknown;
    try {
      JSON.parse('{"prompt": canary}');
    } catch (error) {
      syntax = error;
    }
    log.error('job.failed', { error: syntax });
    log.error('job.failed', { error: 'canary' });
    log.error('job.failed', { error: { prompt: 'canary' } });
    expect(written).toHaveLength(4);
    expect(written.join('')).not.toContain('canary');
    expect(lines()[0]).toMatchObject({ error: { cause: { code: '23505', constraint: 'videos_pkey' } } });
  });

  test('a circle of causes ends', () => {
    const { log, written } = capture();
    const error = new Error('a');
    error.cause = error;
    log.error('job.failed', { error });
    expect(written).toHaveLength(1);
  });
});
