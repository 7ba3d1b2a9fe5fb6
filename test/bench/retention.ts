import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { startChild, type ChildService } from '../../scripts/child-service';
import { createService } from '../../src/app.setup';
import { sealFrame, openFrame } from '../../src/versions/domain/sealed-frames';
import { AppConfig } from '../../src/platform/config/app-config';
import { Keyring } from '../../src/platform/crypto/keyring';
import { uuidBytes, uuidv7 } from '../../src/platform/ids/uuid';
import { Log } from '../../src/platform/logging/log';

/**
 * Measures one run of retention on a large database: `node -r @swc-node/register test/bench/retention.ts
 * [--graphs 10000] [--versions 100] [--pattern thin|old]`. `thin` removes every second version, which is the hardest
 * case (each survivor loses its base), `old` the older half. The service runs as a process of its own and is
 * written to and read from meanwhile.
 */
const option = (name: string, fallback: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const GRAPHS = Number(option('graphs', '10000'));
const VERSIONS = Number(option('versions', '100'));
const THIN = option('pattern', 'thin') === 'thin';
const USERS = 10;
const HOUR_MS = 3_600_000;
const PASSWORD = 'a password of benches';
const ADMIN = { email: 'admin@bench.example', password: PASSWORD };
const OFF = { keep_within_hours: 0, keep_daily: 0, keep_weekly: 0, keep_monthly: 0, keep_yearly: 0 };

/** What this reads out of rows and answers, whichever has it. */
interface Json {
  user_key: number;
  user_id: Buffer;
  key: number;
  id: Buffer;
  version: number;
  base_version: number | null;
  status: string;
  duration_ms: number;
  access_token: string;
}

async function call(
  url: string,
  method: string,
  path: string,
  token?: string,
  body?: unknown,
): Promise<Json> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? ({} as Json) : (JSON.parse(text) as Json);
}

const signIn = async (url: string, email: string) =>
  (await call(url, 'POST', '/auth/login', undefined, { email, password: PASSWORD }))['access_token'];

/** A document of some 5 KB of which each version moves a node. */
const documentOf = (step: number) => ({
  nodes: Array.from({ length: 40 }, (_, i) => ({
    id: `node-${i}`,
    type: ['webhook', 'mail', 'filter', 'merge'][i % 4],
    position: { x: i * 40, y: i === step % 40 ? step : 0 },
    data: { label: `Step ${i} of the order`, note: `${(i * 7919) % 1_000}-${(i * 104_729) % 1_000}` },
  })),
  edges: Array.from({ length: 39 }, (_, i) => ({ source: `node-${i}`, target: `node-${i + 1}` })),
});

/** The database's rows are made from one real history, encrypted again for each graph. */
async function fill(dataDir: string): Promise<string[]> {
  const open = { REGISTRATION: 'open', THROTTLE_LOGIN_PER_MINUTE: '0', THROTTLE_PER_MINUTE: '0' };
  const administrator = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: PASSWORD };
  const config = AppConfig.from({ DATA_DIR: dataDir, ...administrator, ...open });
  const log = Log.create({ level: 'silent', format: 'json' });
  const service = await createService(config, { log, jobs: 'manual' });
  await service.app.listen(0, '127.0.0.1');
  const url = await service.app.getUrl();
  const emails = Array.from({ length: USERS }, (_, i) => `user${i}@bench.example`);
  for (const email of emails)
    await call(url, 'POST', '/auth/register', undefined, { email, password: PASSWORD });
  const token = await signIn(url, emails[0]!);
  const made = await call(url, 'POST', '/graphs', token, { title: 'template', config: documentOf(0) });
  for (let step = 1; step < VERSIONS; step += 1)
    await call(url, 'PUT', `/graphs/${String(made.id)}`, token, { config: documentOf(step) });
  const database = new Sqlite(join(dataDir, 'workflow.db'));
  database.pragma('synchronous = OFF');
  await copies(database, service.app.get(Keyring));
  database.close();
  await service.close();
  return emails;
}

async function copies(database: Database, keyring: Keyring): Promise<void> {
  const users = database.prepare('SELECT user_key, user_id FROM user_keys ORDER BY user_key').all() as Json[];
  const owners = users.slice(-USERS);
  const graph = database.prepare('SELECT * FROM graphs').get() as Json;
  const versions = database.prepare('SELECT * FROM versions ORDER BY version').all() as Json[];
  const text = database.prepare('SELECT * FROM version_texts').get() as Json;
  const refOf = (userKey: number, userId: Buffer, graphKey: number, id: Buffer) => ({
    userKey,
    userId: hex(userId),
    graphKey,
    graphId: hex(id),
  });
  const own = owners.find(({ user_key }) => user_key === graph.user_key)!;
  const key = await keyring.dataKey(own.user_key, own.user_id);
  const from = refOf(own.user_key, own.user_id, graph.key, graph.id);
  const frames = versions.map((row) => openFrame(key, from, row as never, row.version).frame);
  const put = (table: string, row: Json) =>
    database.prepare(
      `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
        .map((c) => `@${c}`)
        .join(', ')})`,
    );
  const putGraph = put('graphs', graph);
  const putVersion = put('versions', versions[0]!);
  const putText = put('version_texts', text);
  const end = Date.parse(new Date(statSync('/proc/self').ctimeMs).toISOString()) - HOUR_MS;
  let seq = 1_000_000;
  for (let copy = 0; copy < GRAPHS; copy += 1) {
    const owner = owners[copy % owners.length]!;
    const ownerKey = await keyring.dataKey(owner.user_key, owner.user_id);
    const id = uuidBytes(uuidv7(end));
    const ref = refOf(owner.user_key, owner.user_id, (seq += 1), id);
    database.exec('BEGIN');
    putGraph.run({
      ...graph,
      user_key: owner.user_key,
      key: ref.graphKey,
      id,
      seq,
      prune_due_at: end,
      updated_at: end,
    });
    putText.run({ ...text, user_key: owner.user_key, graph_key: ref.graphKey });
    versions.forEach((row, i) => {
      const frame = sealFrame(ownerKey, ref, row.version, row.base_version, Buffer.from(frames[i]!));
      // Two versions a day, so that "the last of each day" is every second one.
      const created_at = end - (end % (24 * HOUR_MS)) - (VERSIONS - i) * 12 * HOUR_MS;
      putVersion.run({
        ...row,
        user_key: owner.user_key,
        graph_key: ref.graphKey,
        created_at,
        seq: (seq += 1),
        frame,
      });
    });
    database.exec('COMMIT');
  }
  // The head's copy is sealed for another place, but a history that is pruned is not read from it.
  database
    .prepare('DELETE FROM versions WHERE user_key = ? AND graph_key = ?')
    .run(graph.user_key, graph.key);
  database.prepare('DELETE FROM graphs WHERE user_key = ? AND key = ?').run(graph.user_key, graph.key);
  database.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal'").run(seq);
}

const hex = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Writes and reads a graph of its own until it is stopped; returns the waits, ms. */
function load(url: string, token: string) {
  let going = true;
  const waits = { write: [] as number[], read: [] as number[] };
  const timed = async (list: number[], work: Promise<unknown>) => {
    const begun = performance.now();
    await work;
    list.push(performance.now() - begun);
  };
  const done = (async () => {
    const { id } = await call(url, 'POST', '/graphs', token, { title: 'busy', config: documentOf(0) });
    for (let step = 1; going; step += 1) {
      await timed(
        waits.write,
        call(url, 'PUT', `/graphs/${String(id)}`, token, { config: documentOf(step) }),
      );
      await timed(waits.read, call(url, 'GET', `/graphs/${String(id)}`, token));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return { waits, stop: async () => ((going = false), done) };
}

const quantile = (list: number[], q: number) =>
  ([...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? 0).toFixed(1);
const line = (name: string, list: number[]) =>
  console.log(
    `${name}: ${list.length}, p50 ${quantile(list, 0.5)} ms, p99 ${quantile(list, 0.99)} ms, max ${quantile(list, 1)} ms`,
  );
const sizeOf = (dataDir: string) => statSync(join(dataDir, 'workflow.db')).size;
const peakOf = (service: ChildService) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]) / 1024;

/** One run to its end. Signing in again for each look would cost memory and time of its own (argon2). */
async function oneRun(url: string): Promise<Json> {
  const token = await signIn(url, ADMIN.email);
  let run = await call(url, 'POST', '/retention/runs', token, { dry_run: false, force: true });
  while (run.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    run = ((await call(url, 'GET', '/retention/runs?limit=1', token)) as unknown as Json[])[0]!;
  }
  return run;
}

const start = (dataDir: string, policy: object) =>
  startChild({
    DATA_DIR: dataDir,
    DEFAULT_POLICY: JSON.stringify(policy),
    RETENTION_CRON: '0 0 1 1 *',
    LOG_LEVEL: 'info',
  });

/** With a policy that keeps everything: a run that has to look at every graph, and one that has nothing to look at. */
async function nothingToDo(dataDir: string): Promise<void> {
  const service = await start(dataDir, { ...OFF, keep_last: 1_000_000 });
  const all = await oneRun(service.url);
  const none = await oneRun(service.url);
  console.log(
    `looking at all graphs: ${all.duration_ms} ms; a run with nothing to do: ${none.duration_ms} ms`,
  );
  await service.stop();
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'graphomat-retention-bench-'));
  try {
    const emails = await fill(dataDir);
    console.log(`${GRAPHS} graphs of ${VERSIONS} versions: ${(sizeOf(dataDir) / 1e6).toFixed(0)} MB`);
    const policy = THIN
      ? { ...OFF, keep_last: 0, keep_daily: VERSIONS / 2 }
      : { ...OFF, keep_last: VERSIONS / 2 };
    await nothingToDo(dataDir);
    const service = await start(dataDir, policy);
    const busy = load(service.url, await signIn(service.url, emails[0]!));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const idle = { write: busy.waits.write.splice(0), read: busy.waits.read.splice(0) };
    const run = await oneRun(service.url);
    await busy.stop();
    console.log(JSON.stringify(run));
    line('writes before', idle.write);
    line('writes during', busy.waits.write);
    line('reads before', idle.read);
    line('reads during', busy.waits.read);
    console.log(
      `peak memory ${peakOf(service).toFixed(0)} MB, file ${(sizeOf(dataDir) / 1e6).toFixed(0)} MB`,
    );
    await service.stop();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

void main();
