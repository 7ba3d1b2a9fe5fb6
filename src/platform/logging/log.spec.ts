import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineBatch } from './line-batch';
import { Log, type RequestLine } from './log';

const LINE: RequestLine = {
  request_id: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11',
  method: 'GET',
  route: '/api/v1/graphs/:id"\\\n',
  status: 200,
  ms: 1.5,
  bytes: 12,
  user_id: undefined,
};

describe('Log', () => {
  const lines: string[] = [];
  const logAt = (level: string) =>
    Log.create({ level, format: 'json', destination: { write: (line) => void lines.push(line) } });

  beforeEach(() => void (lines.length = 0));

  it('prints the line of a request as pino prints other lines', () => {
    const log = logAt('info');
    log.request(LINE, false);
    log.info('request', { ...LINE });
    const [own, usual] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);

    expect(own).toEqual({ ...usual, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string });
    expect(Object.keys(own ?? {})).toEqual(Object.keys(usual ?? {}));
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
  });

  it('warns of slow requests, and follows the level', () => {
    const log = logAt('warn');
    log.request(LINE, false);
    log.request(LINE, true);
    log.level = 'error';
    log.request(LINE, true);

    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 40, msg: 'slow request', status: 200 }),
    ]);
  });
});

describe('LineBatch', () => {
  it('needs one listener of the process, however many there are', () => {
    const file = openSync('/dev/null', 'w');
    new LineBatch(file);
    const before = process.listenerCount('exit');
    for (let i = 0; i < 12; i += 1) new LineBatch(file);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('writes batched lines together, and others at once and in their order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'graphomat-log-'));
    const file = join(folder, 'log');
    const fd = openSync(file, 'w');
    const batch = new LineBatch(fd);
    batch.write('1\n');
    batch.write('2\n');
    const written = () => readFileSync(file, 'utf8');
    batch.atOnce.write('3\n');
    batch.write('4\n');
    while (written().length < 8) await sleep(5);
    expect(written()).toBe('1\n2\n3\n4\n');
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});
