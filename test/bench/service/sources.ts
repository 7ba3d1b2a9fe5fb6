import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { graphBody, HttpSession } from '../../../scripts/http-session';
import { Times, table } from '../figures';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { profiling, type Options } from '../options';
import { ProbedService } from './probed-service';
import type { ToolOrder } from './sources-tool';

const GRAPHS = '/api/v1/graphs';
const SOURCES = '/api/v1/sources';
const PASSWORD = 'a password of the bench';
const BYTES = 10_000;
const CHANGED = 5_000;
const LISTED = 10_000;
const PAGE = 250;
/** The user's pause between two requests, ms. */
const PAUSE_MS = 10;
const LOOK_EVERY_MS = 100;
const OPTIONS = {
  ...{ list_path: '/flows', items: '/items', next: '/next', changed: '/rev' },
  ...{ document_path: '/flows/{id}', document: '/flow' },
};

interface Run {
  number: number;
  status: string;
  created: number;
  changed: number;
  failure: string | null;
  started_at: string;
  finished_at: string | null;
}

/**
 * A user's GET and PUT of 10 KB alone, and during runs of another user's source in which 5,000 documents of 10 KB have
 * changed, in turns; then the memory of a first import of 10,000 graphs in pages. The tool is a process of its own.
 */
export async function benchSources(options: Options): Promise<void> {
  const rows: [string, typeof compare][] = [
    ['requests during a run', compare],
    ['memory of a first import', memory],
  ];
  for (const [name, measure] of rows) {
    if (options.row !== undefined && !name.includes(options.row)) continue;
    await withFolder(async (folder) => {
      const service = await ProbedService.start(folder, profiling(options));
      const tool = fork(join(__dirname, 'sources-tool.ts'), { execArgv: ['-r', '@swc-node/register'] });
      try {
        await measure(service, tool, options);
      } finally {
        tool.kill();
        await service.stop();
      }
    });
  }
}

async function compare(
  service: ProbedService,
  tool: ChildProcess,
  { rounds, seconds }: Options,
): Promise<void> {
  const port = await ask(tool, { items: CHANGED, bytes: BYTES, page: PAGE });
  const owner = await signedIn(service, 'owner');
  const user = await signedIn(service, 'user');
  const source = await connect(owner, port);
  await ended(owner, source, 1);
  const configs = series(BYTES, 50, 3);
  const path = `${GRAPHS}/${await created(user, configs[0]!)}`;
  // Without the first import.
  await service.reading();
  const alone = times();
  const busy = times();
  const each: string[][] = [['round', 'run, s', 'documents/s']];
  for (let round = 1; round <= rounds; round += 1) {
    const end = performance.now() + seconds * 1_000;
    await exchange(user, path, configs, alone, () => performance.now() < end);
    await ask(tool, 'change');
    await owner.send('POST', `${SOURCES}/${source}/sync`);
    let isRunning = true;
    const run = ended(owner, source, round + 1).finally(() => (isRunning = false));
    await exchange(user, path, configs, busy, () => isRunning);
    const { changed, started_at, finished_at } = await run;
    if (changed !== CHANGED) throw new Error(`The run has stored ${changed} documents.`);
    const took = (Date.parse(finished_at!) - Date.parse(started_at)) / 1_000;
    each.push([`${round}`, took.toFixed(1), (CHANGED / took).toFixed(0)]);
  }
  const { maxDelayMs, peakBytes } = await service.reading();
  const row = (name: string, { GET, PUT }: Pair) => [name, GET.summary(), PUT.summary()];
  const ratio = (kind: keyof Pair, part: number) =>
    (busy[kind].quantile(part) / alone[kind].quantile(part)).toFixed(2);
  const ratios = (kind: keyof Pair) => `${ratio(kind, 0.5)} / ${ratio(kind, 0.99)}`;
  console.log(table(each));
  console.log(
    `\n${table([
      ['a user’s requests', 'GET p50 / p99', 'PUT p50 / p99'],
      row('alone', alone),
      row('during a run', busy),
      ['ratio', ratios('GET'), ratios('PUT')],
    ])}`,
  );
  console.log(`\nEvent loop at most ${maxDelayMs.toFixed(0)} ms late; peak ${mib(peakBytes)} MiB.`);
  for (const session of [owner, user]) session.close();
}

async function memory(service: ProbedService, tool: ChildProcess): Promise<void> {
  const port = await ask(tool, { items: LISTED, bytes: BYTES, page: PAGE });
  const owner = await signedIn(service, 'owner');
  const before = peakOf(service);
  const source = await connect(owner, port);
  const first = await ended(owner, source, 1);
  const after = peakOf(service);
  await owner.send('POST', `${SOURCES}/${source}/sync`);
  const second = await ended(owner, source, 2);
  const took = ({ started_at, finished_at }: Run) =>
    ((Date.parse(finished_at!) - Date.parse(started_at)) / 1_000).toFixed(1);
  console.log(
    `\n${first.created} graphs imported in ${took(first)} s: peak ${before} MiB before, ${after} MiB after; a run without a change ${took(second)} s, ${peakOf(service)} MiB.`,
  );
  owner.close();
}

interface Pair {
  GET: Times;
  PUT: Times;
}

const times = (): Pair => ({ GET: new Times(), PUT: new Times() });

async function exchange(
  user: HttpSession,
  path: string,
  configs: readonly Buffer[],
  { GET, PUT }: Pair,
  goesOn: () => boolean,
): Promise<void> {
  for (let at = 1; goesOn(); at += 1) {
    const read = await GET.takeAsync(() => user.send('GET', path));
    const text = graphBody('User', configs[at % configs.length]!);
    const written = await PUT.takeAsync(() => user.send('PUT', path, text));
    if (read.status !== 200 || written.status !== 200)
      throw new Error(`The user was answered with ${read.status} and ${written.status}.`);
    await sleep(PAUSE_MS);
  }
}

async function ask(tool: ChildProcess, order: ToolOrder): Promise<number> {
  const answered = once(tool, 'message');
  tool.send(order);
  return Number(((await answered) as unknown[])[0]);
}

async function signedIn(service: ProbedService, name: string): Promise<HttpSession> {
  const session = new HttpSession(service.child.url, 2);
  await session.signIn(`${name}@example.org`, PASSWORD);
  return session;
}

async function created(session: HttpSession, config: Buffer): Promise<string> {
  const { body } = await session.send('POST', GRAPHS, graphBody('User', config));
  return (JSON.parse(body.toString()) as { id: string }).id;
}

async function connect(session: HttpSession, port: number): Promise<string> {
  const source = {
    kind: 'http',
    name: 'Bench',
    url: `http://127.0.0.1:${port}`,
    every_minutes: 1_440,
    options: OPTIONS,
  };
  const { status, body } = await session.send('POST', SOURCES, Buffer.from(JSON.stringify(source)));
  if (status !== 201) throw new Error(`The source was answered with ${status}: ${body.toString()}`);
  return (JSON.parse(body.toString()) as { id: string }).id;
}

/** Waits for the end of a run. */
async function ended(session: HttpSession, source: string, number: number): Promise<Run> {
  for (;;) {
    const { body } = await session.send('GET', `${SOURCES}/${source}/runs?limit=1`);
    const [run] = JSON.parse(body.toString()) as Run[];
    if (run && run.number >= number && run.status !== 'running') {
      if (run.status !== 'done') throw new Error(`The run ended: ${run.failure}`);
      return run;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function peakOf({ child }: ProbedService): string {
  const status = readFileSync(`/proc/${child.process.pid}/status`, 'utf8');
  return mib(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1_024);
}

const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
