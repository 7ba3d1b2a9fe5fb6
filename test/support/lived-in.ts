import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { readHistory } from '../../scripts/corpus';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from './app';
import { graphBody, type ApiClient } from './client';
import type { TestPlace } from './database';
import { GRAPHS, type GraphJson } from './graphs';
import { aSource, itemsOf } from './sources';
import { FLOW_OPTIONS, FlowServer } from './tools/fake-tool';
import { WEBHOOKS, aWebhook } from './webhooks';

const SAMPLES = join(__dirname, '..', 'samples', 'graphs');
const CORPUS = join(__dirname, '..', '..', '..', 'shared', 'corpus');
const DAY_MS = 24 * 60 * 60 * 1000;

/** Recorded histories, where they are next to the project. */
export const histories = existsSync(CORPUS)
  ? readdirSync(CORPUS).filter((name) => name.endsWith('.ndjson.br'))
  : [];

/** An installation on SQLite that was used, and is stopped. */
export interface LivedIn {
  /** Its folder with keys, database and vault; `remove` takes all of it away. */
  place: TestPlace;
  user: { email: string; password: string };
  /** By graph: each version's config as it was sent, from version 1 on. */
  stored: Map<string, Buffer[]>;
}

/** On SQLite, whatever the run's database is. */
function sqlitePlace(): TestPlace {
  const dataDir = mkdtempSync(join(tmpdir(), 'graphomat-test-lived-in-'));
  const remove = () => Promise.resolve(rmSync(dataDir, { recursive: true, force: true }));
  return { dataDir, databaseUrl: `sqlite:///${join(dataDir, 'workflow.db')}`, remove };
}

/**
 * Real graphs as they are drawn, the first `versions` of each recorded history where there are any, and something in
 * every table: labels, pins, a bin, policies, tokens, seals, copies, figures.
 */
export async function livedIn(versions: number, environment: Record<string, string> = {}): Promise<LivedIn> {
  const app = await startApp(environment, sqlitePlace());
  const user = await app.aUser();
  const stored = new Map<string, Buffer[]>();
  for (const name of readdirSync(SAMPLES)) {
    const drawn = readFileSync(join(SAMPLES, name));
    await history(
      user,
      `Größe 大 🙂 ${name}`,
      [drawn, Buffer.from(JSON.stringify(JSON.parse(drawn.toString())))],
      stored,
    );
  }
  for (const name of histories) await history(user, name, await firstOf(name, versions), stored);
  await useEverything(app, user, [...stored.keys()]);
  await app.stop();
  leaveHalfDone(app.place);
  return { place: app.place, user: user.credentials!, stored };
}

async function firstOf(name: string, versions: number): Promise<Buffer[]> {
  const configs: Buffer[] = [];
  for await (const config of readHistory(join(CORPUS, name))) {
    // White space around the value belongs to the body that carried it.
    if (configs.push(Buffer.from(config.toString().trim())) >= versions) break;
  }
  return configs;
}

async function history(
  user: ApiClient,
  title: string,
  configs: Buffer[],
  stored: Map<string, Buffer[]>,
): Promise<void> {
  let id: string | undefined;
  for (const config of configs.map((bytes) => bytes.toString().trim())) {
    const body = graphBody(title, config);
    const answer = id ? await user.put(`${GRAPHS}/${id}`, body) : await user.post(GRAPHS, body);
    if (answer.status >= 300) throw new Error(`A history was not stored: ${answer.text.slice(0, 500)}`);
    const graph = answer.json<GraphJson>();
    id = graph.id;
    // Equal neighbours are one version.
    (stored.get(id) ?? stored.set(id, []).get(id)!)[graph.version - 1] = Buffer.from(config);
  }
}

async function useEverything(app: TestApp, user: ApiClient, [first, second]: string[]): Promise<void> {
  const done = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer;
    if (status >= 300) throw new Error(`The installation could not be used: ${text}`);
  };
  const other = await app.aUser();
  const admin = await app.admin();
  await done(admin.post(`/api/v1/users/${other.userId}/password-reset`));
  const gone = await user.post(GRAPHS, graphBody('in the bin', '[ 1 ]'), { 'idempotency-key': 'a-key' });
  await done(user.delete(`${GRAPHS}/${gone.json<GraphJson>().id}`));
  await done(user.send('PATCH', `${GRAPHS}/${first}/versions/1`, { label: 'ein Name', pinned: true }));
  await done(user.put(`${GRAPHS}/${second}/backup-policy`, { keep_last: 1_000 }));
  await done(user.put('/api/v1/backup-policy', { keep_last: 900, keep_daily: 30 }));
  await done(user.post('/api/v1/auth/tokens', { name: 'a machine', scopes: ['read'] }));
  await done(other.post(GRAPHS, graphBody('another owner’s', '{ "n": 1.0 }')));
  await useSource(other);
  await useWebhook(other);
  for (const job of ['seal', 'vault-copy', 'vault-verify', 'retention', 'usage', 'clock']) {
    app.clock.advance(DAY_MS / 48);
    const { ended } = await app.service.app.get(JobRunner).trigger(job);
    const { status } = await ended;
    if (status !== 'done') throw new Error(`The job ${job} ended as ${status}.`);
  }
}

/** A source with a document, read once, whose tool is gone afterwards. */
async function useSource(user: ApiClient): Promise<void> {
  const tool = await FlowServer.start();
  try {
    tool.put('one', '{ "v": 1.0 }');
    const source = await aSource(user, { kind: 'http', options: FLOW_OPTIONS, url: tool.url });
    if ((await itemsOf(user, source.id)).length !== 1) throw new Error('The source was not read.');
  } finally {
    await tool.close();
  }
}

/** A webhook with a delivery: a test without a receiver. */
async function useWebhook(user: ApiClient): Promise<void> {
  // Port 9 discards.
  const { id } = await aWebhook(user, 'http://127.0.0.1:9');
  const { status, text } = await user.post(`${WEBHOOKS}/${id}/test`);
  if (status !== 200) throw new Error(`The webhook was not tested: ${text}`);
}

/** What is there only in the middle of something: rows of the tables that are empty at rest. */
function leaveHalfDone(place: TestPlace): void {
  const database = new Sqlite(place.databaseUrl.slice('sqlite:///'.length));
  for (const table of [
    'staged_changes',
    'graph_chores',
    'rebuild_progress',
    'mails',
    'alerts',
    'weekly_summaries',
  ]) {
    const columns = database.pragma(`table_info(${table})`) as Array<{ name: string; type: string }>;
    const values = columns.map(({ name, type }) => {
      if (name === 'finished') return '1';
      // SQLite says BLOB where the schema says blob.
      return { blob: `x'00ff80'`, text: `'大'` }[type.toLowerCase()] ?? '1';
    });
    database.exec(`INSERT INTO ${table} VALUES (${values.join(', ')})`);
  }
  database.close();
}
