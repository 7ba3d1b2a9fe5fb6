import { createHash } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { startChild } from './child-service';
import { readHistory } from './corpus';
import { HttpSession, configOf, graphBody } from './http-session';

const USAGE = `Usage: npm run replay -- <file.ndjson.br> [more files] [--speed n] [--url http://… --email … --password …]
  Creates a graph from the first line of each history, PUTs the others, then reads every version back and compares
  the bytes. --speed: PUTs a second at most. Without --url it starts the service itself, on a temporary folder.`;

interface Options {
  files: string[];
  /** Most PUTs per second; 0: no limit. */
  speed: number;
  url: string | undefined;
  email: string;
  password: string;
}

/** The result of one history. */
interface Outcome {
  versions: number;
  bytes: number;
  writeSeconds: number;
  readSeconds: number;
  wrong: number[];
}

/** Shows the progress of a replay: a bar on a terminal, a line at the end elsewhere. */
class Progress {
  private readonly bar = process.stdout.isTTY
    ? new SingleBar({ format: '{name} {bar} {value}/{total} {step}' })
    : null;

  start(name: string, step: string, total: number): void {
    this.bar?.start(total, 0, { name, step });
  }

  to(value: number): void {
    if (this.bar) {
      this.bar.setTotal(Math.max(value, this.bar.getTotal()));
      this.bar.update(value);
    }
  }

  stop(): void {
    this.bar?.stop();
  }
}

async function replay(session: HttpSession, file: string, speed: number): Promise<Outcome> {
  const progress = new Progress();
  const name = basename(file).replace('.ndjson.br', '');
  const begun = performance.now();
  progress.start(name, 'written', 1);
  const { id, hashes, bytes } = await write(session, name, file, speed, progress);
  progress.stop();
  const written = performance.now();
  progress.start(name, 'read back', hashes.length);
  const wrong = await compare(session, id, hashes, progress);
  progress.stop();
  const readSeconds = (performance.now() - written) / 1000;
  return { versions: hashes.length, bytes, writeSeconds: (written - begun) / 1000, readSeconds, wrong };
}

async function write(session: HttpSession, name: string, file: string, speed: number, progress: Progress) {
  // The hash of each version's config, from version 1 on; the configs themselves would not fit in memory.
  const hashes: string[] = [];
  let id = '';
  let bytes = 0;
  const begun = performance.now();
  let sent = 0;
  for await (const text of readHistory(file)) {
    const config = valueOf(text);
    if (speed > 0) await sleep(begun + (sent * 1000) / speed - performance.now());
    sent += 1;
    const answer = await (id === ''
      ? session.send('POST', '/api/v1/graphs', graphBody(name, config))
      : session.send('PUT', `/api/v1/graphs/${id}`, graphBody(name, config)));
    if (answer.status !== 200 && answer.status !== 201)
      throw new Error(
        `Revision ${sent} was answered with ${answer.status}: ${answer.body.toString().slice(0, 500)}`,
      );
    const head = JSON.parse(
      answer.body.subarray(0, answer.body.indexOf('"config":') - 1).toString() + '}',
    ) as { id: string; version: number };
    id = head.id;
    // A revision equal to the one before creates no version: its number stays.
    hashes[head.version - 1] = sha256(config);
    bytes += config.length;
    progress.to(sent);
  }
  return { id, hashes, bytes };
}

async function compare(
  session: HttpSession,
  id: string,
  hashes: string[],
  progress: Progress,
): Promise<number[]> {
  const wrong: number[] = [];
  for (const [index, hash] of hashes.entries()) {
    const answer = await session.send('GET', `/api/v1/graphs/${id}/versions/${index + 1}`);
    if (answer.status !== 200 || sha256(configOf(answer.body)) !== hash) wrong.push(index + 1);
    progress.to(index + 1);
  }
  return wrong;
}

function report(file: string, { versions, bytes, writeSeconds, readSeconds, wrong }: Outcome): void {
  const megabytes = bytes / 1e6;
  const verdict = wrong.length === 0 ? 'every version equal' : `DIFFERENT: versions ${wrong.join(', ')}`;
  console.log(
    `${basename(file).padEnd(34)} ${String(versions).padStart(5)} versions ${megabytes.toFixed(1).padStart(7)} MB  ` +
      `${(versions / writeSeconds).toFixed(0).padStart(5)} writes/s ${(megabytes / writeSeconds).toFixed(1).padStart(6)} MB/s  ` +
      `${(versions / readSeconds).toFixed(0).padStart(5)} reads/s  ${verdict}`,
  );
}

async function withService<T>(options: Options, work: (session: HttpSession) => Promise<T>): Promise<T> {
  if (options.url !== undefined) return signedIn(options.url, options, work);
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-replay-'));
  const service = await startChild(
    { DATA_DIR: folder, LOG_FORMAT: 'json', MAX_BODY_BYTES: '67108864' },
    [],
  ).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  try {
    return await signedIn(service.url, options, work);
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function signedIn<T>(
  url: string,
  { email, password }: Options,
  work: (session: HttpSession) => Promise<T>,
): Promise<T> {
  const session = new HttpSession(url);
  try {
    await session.signIn(email, password);
    return await work(session);
  } finally {
    session.close();
  }
}

/** Says which histories cannot be read before anything is started. */
function requireFiles(files: readonly string[]): void {
  const faults = files.flatMap((file) => {
    try {
      accessSync(file, constants.R_OK);
      return statSync(file).isFile() ? [] : [`${file} is not a file.`];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return [
        code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read (${code ?? 'unknown'}).`,
      ];
    }
  });
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\nNothing was started.`);
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      speed: { type: 'string' },
      url: { type: 'string' },
      email: { type: 'string' },
      password: { type: 'string' },
    },
  });
  const speed = Number(values.speed ?? 0);
  if (positionals.length === 0 || !Number.isFinite(speed) || speed < 0) throw new Error(USAGE);
  if (values.url !== undefined && (values.email === undefined || values.password === undefined))
    throw new Error(USAGE);
  const { email = 'replay@example.org', password = 'a replayed history' } = values;
  return { files: positionals, speed, url: values.url, email, password };
}

async function main(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  const options = readOptions();
  requireFiles(options.files);
  return withService(options, async (session) => {
    let different = 0;
    for (const file of options.files) {
      const outcome = await replay(session, file, options.speed);
      report(file, outcome);
      different += outcome.wrong.length;
    }
    return different === 0 ? 0 : 1;
  });
}

// White space around a JSON value belongs to the body that carries it: a file's last newline is not part of the graph.
function valueOf(text: Buffer): Buffer {
  return Buffer.from(text.toString().replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}

// The service of a replay ends with it, also after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
