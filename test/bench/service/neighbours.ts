import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../../src/platform/clock/clock';
import { graphBody, HttpSession } from '../../../scripts/http-session';
import { Times, table } from '../figures';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { profiling, type Options } from '../options';
import { whereOf, type Where } from '../where';
import type { LoadOrder } from './neighbours-load';
import { ProbedService } from './probed-service';

const GRAPHS = '/api/v1/graphs';
const PASSWORD = 'a password of the bench';
const CONNECTIONS = 16;
const MANY = 10_000;
const LARGE = 100;
const LARGE_BYTES = 900_000;
const SMALL_BYTES = 10_000;
/** The neighbour's pause between two requests, ms: it is a person or a tool, not a load of its own. */
const PAUSE_MS = 10;

/** One row of the table. */
interface Kind extends Pick<LoadOrder, 'method' | 'path'> {
  name: string;
  body?: string;
  /** Whose requests these are; `large` has a hundred graphs of 0.9 MB, `many` 10,000 small ones. */
  user: 'many' | 'large';
  kind?: LoadOrder['kind'];
  connections?: number;
}

/**
 * Another user's GET and PUT of 10 KB, and the memory of the service, while 16 connections of one user do what is
 * heavy (issue "Large, shared and hostile", neighbours). The load runs in a process of its own.
 */
export async function benchNeighbours(options: Options): Promise<void> {
  await withFolder(async (folder) => {
    const users = await prepare(folder);
    const where = await whereOf(options.database, folder);
    try {
      await measureAll(folder, where, users, options);
    } finally {
      await where.stop();
    }
  });
}

async function measureAll(
  folder: string,
  { environment }: Where,
  users: Users,
  options: Options,
): Promise<void> {
  const { seconds, row } = options;
  const lines = [['16 connections of', 'GET p50 / p99', 'PUT p50 / p99', 'peak MiB', 'answers']];
  for (const kind of kinds(users, new Date(new Clock().now()).toISOString())) {
    if (row !== undefined && !kind.name.includes(row)) continue;
    // A new process for each row, so that each has its own peak of memory.
    const service = await ProbedService.start(folder, profiling(options), environment);
    try {
      lines.push(await measure(service, kind, seconds));
    } finally {
      await service.stop();
    }
    console.log(lines.at(-1)!.join('  '));
  }
  console.log(`\n${table(lines)}`);
}

interface Users {
  many: { graph: string };
  large: { graph: string };
}

function kinds({ many, large }: Users, now: string): Kind[] {
  const get = (name: string, user: Kind['user'], path: string): Kind => ({ name, user, method: 'GET', path });
  const dryRun = JSON.stringify({ at: now, dry_run: true });
  return [
    { ...get('nothing', 'many', GRAPHS), connections: 0 },
    get('searches without a hit', 'many', `${GRAPHS}?q=zzzzzz`),
    get('skip=9900', 'many', `${GRAPHS}?skip=9900`),
    get('lists with include=config', 'many', `${GRAPHS}?include=config&limit=100`),
    get('lists with include=config, 0.9 MB', 'large', `${GRAPHS}?include=config&limit=100`),
    get('GETs of 0.9 MB', 'large', `${GRAPHS}/${large.graph}`),
    get('the audit log', 'many', '/api/v1/audit'),
    get('pictures', 'many', `${GRAPHS}/${many.graph}/picture.svg`),
    get('differences, 0.9 MB', 'large', `${GRAPHS}/${large.graph}/diff`),
    {
      name: 'policy previews',
      user: 'many',
      method: 'POST',
      path: '/api/v1/backup-policy/preview',
      body: '{}',
    },
    get('exports of 10,000 graphs', 'many', '/api/v1/export'),
    { name: 'recoveries, dry run', user: 'many', method: 'POST', path: '/api/v1/recovery', body: dryRun },
    { ...get('15 MB bodies without a token', 'many', GRAPHS), kind: 'anonymous-bodies' },
    { ...get('3,000 pipelined GETs', 'many', `${GRAPHS}/${many.graph}`), kind: 'pipelined' },
  ];
}

async function prepare(folder: string): Promise<Users> {
  const service = await ProbedService.start(folder);
  const create = async (session: HttpSession, title: string, config: Buffer): Promise<string> => {
    const { status, body } = await session.send('POST', GRAPHS, graphBody(title, config));
    if (status !== 201) throw new Error(`Creating a graph was answered with ${status}.`);
    return (JSON.parse(body.toString()) as { id: string }).id;
  };
  const many = await signedIn(service, 'many');
  const small = series(SMALL_BYTES, LARGE, 1);
  const manyGraph = await create(many, 'Bench', small[0]!);
  for (let made = 1; made < MANY; made += CONNECTIONS)
    await Promise.all(
      small.slice(0, Math.min(CONNECTIONS, MANY - made)).map((config) => create(many, 'Bench', config)),
    );
  const large = await signedIn(service, 'large');
  const [first, ...edits] = series(LARGE_BYTES, LARGE, 2) as [Buffer, ...Buffer[]];
  const largeGraph = await create(large, 'Bench', first);
  await large.send('PUT', `${GRAPHS}/${largeGraph}`, graphBody('Bench', edits[0]!));
  for (const config of edits.slice(1)) await create(large, 'Bench', config);
  await service.stop();
  for (const session of [many, large]) session.close();
  return { many: { graph: manyGraph }, large: { graph: largeGraph } };
}

async function signedIn(service: ProbedService, name: string): Promise<HttpSession> {
  const session = new HttpSession(service.child.url, CONNECTIONS);
  await session.signIn(`${name}@example.org`, PASSWORD);
  return session;
}

async function measure(service: ProbedService, kind: Kind, seconds: number): Promise<string[]> {
  const heavy = await signedIn(service, kind.user);
  const neighbour = new HttpSession(service.child.url, 1);
  await neighbour.signIn('neighbour@example.org', PASSWORD);
  const configs = series(SMALL_BYTES, 50, 3);
  const made = await neighbour.send('POST', GRAPHS, graphBody('Neighbour', configs[0]!));
  const path = `${GRAPHS}/${(JSON.parse(made.body.toString()) as { id: string }).id}`;
  const load = fork(join(__dirname, 'neighbours-load.ts'), { execArgv: ['-r', '@swc-node/register'] });
  const { method, path: asked, body, kind: form = 'plain', connections = CONNECTIONS } = kind;
  const order: LoadOrder = {
    url: service.child.url,
    token: heavy.accessToken,
    ...{ connections, method, path: asked, kind: form },
    ...(body !== undefined && { body }),
  };
  load.send(order);
  await sleep(1_000);
  const times = { GET: new Times(), PUT: new Times() };
  const end = performance.now() + seconds * 1_000;
  for (let at = 1; performance.now() < end; at += 1) {
    const read = await times.GET.takeAsync(() => neighbour.send('GET', path));
    const text = graphBody('Neighbour', configs[at % configs.length]!);
    const written = await times.PUT.takeAsync(() => neighbour.send('PUT', path, text));
    if (read.status !== 200 || written.status !== 200)
      throw new Error(`The neighbour was answered with ${read.status} and ${written.status}.`);
    await sleep(PAUSE_MS);
  }
  const answers = await new Promise((resolve) => {
    load.once('message', resolve);
    load.send('stop');
  });
  heavy.close();
  neighbour.close();
  return [kind.name, times.GET.summary(), times.PUT.summary(), peakOf(service), JSON.stringify(answers)];
}

function peakOf({ child }: ProbedService): string {
  const status = readFileSync(`/proc/${child.process.pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024).toFixed(0);
}
