import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { GraphCheckService, type DamagedGraph } from '../../src/graphs/graph-check.service';
import { GraphUpkeepService, type GraphOwner } from '../../src/graphs/upkeep/graph-upkeep.service';
import { NO_LEASE, pruneVersions } from '../support/upkeep';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { rawSql } from '../support/raw-database';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());

/** A graph with its history as it must read back. */
class History {
  readonly versions = new Map<number, string>();

  private constructor(
    readonly id: string,
    private readonly owner: GraphOwner,
  ) {}

  static async begin(config: string): Promise<History> {
    const made = await user.post('/api/v1/graphs', graphBody('history', config));
    const { id, user_id } = made.json<{ id: string; user_id: string }>();
    const history = new History(id, { userKey: await userKeyOf(), userId: user_id, graphId: id });
    history.versions.set(1, config);
    return history;
  }

  async put(config: string): Promise<void> {
    const answer = await user.put(`/api/v1/graphs/${this.id}`, graphBody('history', config));
    expect(answer.status).toBe(200);
    this.versions.set(answer.json<{ version: number }>().version, config);
  }

  get head(): number {
    return Math.max(...this.versions.keys());
  }

  async prune(versions: number[]): Promise<void> {
    const removed = await pruneVersions(app, this.owner, versions);
    const gone = versions.filter((version) => version !== this.head && this.versions.delete(version));
    expect(removed).toBe(gone.length);
  }

  async repack(): Promise<number> {
    let saved = 0;
    for (let after: number | null = 0; after !== null;) {
      const step: { savedBytes: number; next: number | null } = await app.service.app
        .get(GraphUpkeepService)
        .repack(this.owner, { after, upTo: Infinity }, NO_LEASE);
      saved += step.savedBytes;
      after = step.next;
    }
    return saved;
  }

  /** What each version takes in the database, from version 1 on. */
  async frameBytes(): Promise<number[]> {
    const rows = await rawSql(
      app.place,
      `SELECT LENGTH(v.frame) AS bytes FROM versions v JOIN graphs g ON g.user_key = v.user_key AND g.key = v.graph_key
       WHERE g.id = ? ORDER BY v.version`,
      [Buffer.from(this.id.replaceAll('-', ''), 'hex')],
    );
    return rows.map(({ bytes }) => Number(bytes));
  }

  /** Every version that should be there is, byte for byte, and no other. */
  async verify(): Promise<void> {
    const listed = (await user.get(`/api/v1/graphs/${this.id}/versions?limit=500`)).json<
      Array<{ version: number }>
    >();
    expect(listed.map(({ version }) => version)).toEqual([...this.versions.keys()].sort((a, b) => b - a));
    for (const [version, config] of this.versions) {
      const read = await user.get(`/api/v1/graphs/${this.id}/versions/${version}`);
      expect(read.configBytes.toString()).toBe(config);
    }
    const head = await user.get(`/api/v1/graphs/${this.id}`);
    expect(head.configBytes.toString()).toBe(this.versions.get(this.head));
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function userKeyOf(): Promise<number> {
  const { AccountsService } = await import('../../src/auth/accounts.service');
  return (await app.service.app.get(AccountsService).find(user.userId!)).key;
}

/** A flow of `nodes` nodes; another seed moves and renames some of them. */
function flow(nodes: number, seed: number): string {
  const list = Array.from({ length: nodes }, (_, i) => ({
    id: createHash('sha256').update(String(i)).digest('hex').slice(0, 16),
    name: i % 7 === seed % 7 ? `node ${i} at ${seed}` : `node ${i}`,
    position: { x: (i * 37 + (i % 11 === seed % 11 ? seed : 0)) % 1000, y: i * 20 },
  }));
  return JSON.stringify({ nodes: list, connections: {} }, null, 2);
}

async function damageOf(): Promise<DamagedGraph[]> {
  const found: DamagedGraph[] = [];
  for await (const graph of app.service.app.get(GraphCheckService).run(() => undefined)) found.push(graph);
  return found;
}

it('keeps every survivor byte for byte through any mix of writes, removals and repacks', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ put: fc.nat(1000) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        prune: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ repack: true }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      async (size, steps) => {
        const history = await History.begin(flow(size, 0));
        for (const [index, action] of steps.entries()) {
          if ('put' in action) await history.put(flow(size, action.put * 100 + index + 1));
          else if ('prune' in action) await history.prune([...new Set(action.prune)]);
          else await history.repack();
        }
        await history.verify();
      },
    ),
    { numRuns: 15 },
  );
  expect(await damageOf()).toEqual([]);
});

it('lets fifty clients write one graph at once: versions without hole or double, each as its writer sent it', async () => {
  const history = await History.begin('{"writer":0}');
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, writer) => {
      const config = flow(20, writer + 1);
      const answer = await user.put(`/api/v1/graphs/${history.id}`, graphBody('history', config));
      return {
        version: answer.json<{ version: number }>().version,
        config,
        echoed: answer.configBytes.toString(),
      };
    }),
  );
  expect(answers.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, i) => i + 2),
  );
  for (const { version, config, echoed } of answers) {
    expect(echoed).toBe(config);
    history.versions.set(version, config);
  }
  await history.verify();
});

it('writes a change of the title alone, a deletion and a recovery without storing the config again', async () => {
  const config = flow(200, 1);
  const history = await History.begin(config);
  await user.put(`/api/v1/graphs/${history.id}`, { title: 'another title' });
  await user.delete(`/api/v1/graphs/${history.id}`);
  await user.post(`/api/v1/graphs/${history.id}/recover`);
  for (const version of [2, 3, 4]) history.versions.set(version, config);
  await history.verify();
  const [first, ...later] = await history.frameBytes();
  expect(first).toBeGreaterThan(1_000);
  expect(later).toHaveLength(3);
  for (const bytes of later) expect(bytes).toBeLessThan(100);
  const saved = await history.repack();
  expect(sum(await history.frameBytes())).toBe(sum([first!, ...later]) - saved);
  await history.verify();
});

it('leaves no config readable in the database, its log, the service log or the key files', async () => {
  const marker = 'a-marker-that-compresses-badly-6f1d0c';
  const history = await History.begin(JSON.stringify({ nodes: [{ id: marker, secret: marker }] }));
  await history.put(JSON.stringify({ nodes: [{ id: marker, secret: `${marker}!` }] }));
  await history.prune([1]);
  await history.repack();
  expect(app.logs.join('\n')).not.toContain(marker);
  for (const file of filesBelow(app.place.dataDir)) expect(readFileSync(file).includes(marker)).toBe(false);
  if (databaseKind === 'postgres') expect(await databaseHolds(marker)).toBe(false);
});

it('never seals two things with the same nonce, through writes, removals and repacks', async () => {
  const history = await History.begin(flow(30, 0));
  const nonces = new Map<string, string>();
  // What is unchanged keeps its nonce; another ciphertext under it would give both away.
  const look = async () => {
    const sealed = await Promise.all([
      rawSql(app.place, 'SELECT frame AS bytes FROM versions'),
      rawSql(app.place, 'SELECT head AS bytes FROM graphs'),
      rawSql(app.place, 'SELECT wrapped AS bytes FROM user_keys'),
    ]);
    for (const { bytes } of sealed.flat()) {
      const nonce = (bytes as Buffer).subarray(0, 12).toString('hex');
      const hash = createHash('sha256')
        .update(bytes as Buffer)
        .digest('hex');
      expect(nonces.get(nonce) ?? hash).toBe(hash);
      nonces.set(nonce, hash);
    }
  };
  for (let i = 1; i <= 40; i += 1) {
    await history.put(flow(30, i));
    if (i % 10 === 0) await look();
  }
  await history.prune([3, 7, 8, 20]);
  await look();
  await history.repack();
  await look();
  expect(nonces.size).toBeGreaterThan(50);
});

it('keeps the master key out of the database, its log and the service log', () => {
  const key = readFileSync(join(app.place.dataDir, 'keys', 'encryption.key'), 'utf8').trim();
  const forms = [Buffer.from(key, 'base64'), Buffer.from(key), Buffer.from(key, 'base64').toString('hex')];
  for (const file of filesBelow(app.place.dataDir)) {
    if (file.endsWith('.key')) continue;
    for (const form of forms) expect(readFileSync(file).includes(form)).toBe(false);
  }
  for (const form of forms) expect(app.logs.join('\n')).not.toContain(form.toString());
});

/** Whether any row of the tables with user data holds the text, read as bytes. */
async function databaseHolds(marker: string): Promise<boolean> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: app.place.databaseUrl });
  await client.connect();
  try {
    for (const table of ['graphs', 'versions', 'version_texts', 'journal']) {
      const hex = Buffer.from(marker).toString('hex');
      const { rows } = await client.query(
        `SELECT 1 FROM ${table} t WHERE t::text LIKE $1 OR t::text LIKE $2 LIMIT 1`,
        [`%${marker}%`, `%${hex}%`],
      );
      if (rows.length > 0) return true;
    }
    return false;
  } finally {
    await client.end();
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
