import { Statement } from '../../src/platform/database/statement';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { aGraph } from '../support/graphs';
import { databaseKind } from '../support/database';
import { placeOf } from '../support/long-history';
import { rawSql } from '../support/raw-database';
import { run } from '../support/retention';

/** Tables that grow with what users have. */
const GROWING = /\b(graphs|versions|version_texts|graph_chores|idempotency_keys|policies|journal)\b/;
const MANY = 4_000;

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await app.close();
});

/** Every statement that is run from now on, with the parameters of its first time. */
function collectSql(): Map<string, Record<string, unknown>> {
  const seen = new Map<string, Record<string, unknown>>();
  const prototype = Statement.prototype as unknown as { execute: (...args: unknown[]) => unknown };
  const original = prototype.execute;
  jest.spyOn(prototype, 'execute').mockImplementation(function (this: { sql: string }, ...args) {
    if (!seen.has(this.sql)) seen.set(this.sql, args[1] as Record<string, unknown>);
    return original.apply(this, args);
  });
  return seen;
}

/** As many graphs as `MANY`, all looked at already, packed, and due in a year. */
async function fill(): Promise<void> {
  const { user_key, graph_key } = await placeOf(app.place, await aGraph(user));
  const rest = `status, text_version, created_at, updated_at, config_bytes, anchor_version, anchors, since_anchor, config_sha256, title, title_folded, description, head`;
  const id = databaseKind === 'sqlite' ? 'randomblob(16)' : 'uuid_send(gen_random_uuid())';
  await rawSql(
    app.place,
    `INSERT INTO graphs (user_key, key, id, version, seq, deleted_at, purge_at, prune_due_at, ${rest})
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
     SELECT user_key, 1000000 + i, ${id}, version, 0, CASE WHEN i % 2 = 0 THEN created_at END,
     CASE WHEN i % 2 = 0 THEN created_at + 31536000000 END, created_at + 31536000000, ${rest}
     FROM graphs JOIN n ON user_key = ${user_key} AND key = ${graph_key}`,
  );
  await rawSql(
    app.place,
    `INSERT INTO graph_chores (kind, user_key, graph_key, after_version, up_to_version, due_at)
     SELECT 2, user_key, key, 1, 0, CASE WHEN key % 2 = 0 THEN created_at + 31536000000 END FROM graphs WHERE key >= 1000000`,
  );
  const many = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})`;
  await rawSql(
    app.place,
    `INSERT INTO policies (user_key, graph_key, seq, keep_last) ${many} SELECT 1000000 + i, 0, 0, 5 FROM n`,
  );
  await rawSql(
    app.place,
    `INSERT INTO idempotency_keys (user_key, key_sha256, request_sha256, graph_id, created_at) ${many}
     SELECT ${user_key}, ${id}, ${id}, ${id}, ${app.clock.now()} FROM n`,
  );
  if (databaseKind === 'postgres') await rawSql(app.place, 'ANALYZE');
}

/** How the database would find the rows of a statement: its plan's lines. */
async function planOf(sql: string, params: Record<string, unknown>): Promise<string[]> {
  const values: unknown[] = [];
  const text = sql.replace(
    /(?<!:):(\.\.\.)?([a-z_][a-z0-9_]*)/gi,
    (_, list: string | undefined, name: string) => {
      const given = list ? (params[name] as unknown[]) : [params[name]];
      values.push(...given);
      return given.map(() => '?').join(', ');
    },
  );
  const explain = databaseKind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
  const rows = await rawSql(app.place, `${explain} ${text}`, values);
  return rows.map((row) => String(row['detail'] ?? row['QUERY PLAN']));
}

/** Reads a whole table, or a whole index: SQLite says SCAN, or a search from the first user on; PostgreSQL Seq Scan or an index scan without a condition. */
const wholeReads = (plan: string[]) =>
  plan.filter((line, i) =>
    databaseKind === 'sqlite'
      ? /^SCAN (?!CONSTANT)|\(user_key>\?\)/.test(line) && GROWING.test(line)
      : (/Seq Scan on/.test(line) && GROWING.test(line)) ||
        (/Index .*Scan/.test(line) && GROWING.test(line) && !/Cond:/.test(plan[i + 1] ?? '')),
  );

it('a run with nothing to do finds that out by index, with however many graphs', async () => {
  await run(app, { dry_run: false });
  await fill();
  await run(app, { dry_run: false });
  const seen = collectSql();
  const idle = await run(app, { dry_run: false });
  jest.restoreAllMocks();
  expect(idle).toMatchObject({ status: 'done', graphs_pruned: 0, graphs_purged: 0, graphs_failed: 0 });
  const asked = [...seen].filter(([sql]) => GROWING.test(sql) && /^\s*(SELECT|WITH|DELETE|UPDATE)/.test(sql));
  // It is worth something only when the run's own questions are among them.
  for (const part of [
    'purge_at <=',
    'prune_due_at <=',
    'due_at <=',
    'FROM graph_chores',
    'FROM policies',
    'idempotency_keys',
  ])
    expect(asked.filter(([sql]) => sql.includes(part))).not.toEqual([]);
  const whole: Record<string, string[]> = {};
  for (const [sql, params] of asked) {
    const lines = wholeReads(await planOf(sql, params));
    if (lines.length > 0) whole[sql] = lines;
  }
  expect(whole).toEqual({});
});

it('runs as many statements with thousands of graphs as with one', async () => {
  const count = async () => {
    await run(app, { dry_run: false });
    let statements = 0;
    const prototype = Statement.prototype as unknown as { execute: (...args: unknown[]) => unknown };
    const original = prototype.execute;
    const spy = jest.spyOn(prototype, 'execute').mockImplementation(function (this: unknown, ...args) {
      const { sql } = this as { sql: string };
      if (/\b(graphs|versions|graph_chores|idempotency_keys|policies)\b/.test(sql)) statements += 1;
      return original.apply(this, args);
    });
    await run(app, { dry_run: false });
    spy.mockRestore();
    return statements;
  };
  await aGraph(user);
  const few = await count();
  await fill();
  expect(few).toBeGreaterThan(4);
  expect(await count()).toBe(few);
});
