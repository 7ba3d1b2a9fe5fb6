import { RebuildStore } from '../../src/backups/rebuild.store';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import { rawSql } from '../support/raw-database';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

const VERSIONS = 41_000;
const numbers =
  databaseKind === 'sqlite'
    ? `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ${VERSIONS}) SELECT v FROM n`
    : `SELECT generate_series(1, ${VERSIONS}) AS v`;

/** Rows as a graph of so many versions and titles has them; nothing reads their content here. */
async function aLargeGraph(): Promise<void> {
  await rawSql(
    app.place,
    `INSERT INTO version_texts (user_key, graph_key, version, seq, title) SELECT 1, 9, v, 1, 't' FROM (${numbers}) AS n`,
  );
  await rawSql(
    app.place,
    `INSERT INTO versions (user_key, graph_key, version, change, status, text_version, created_at, pinned, config_bytes, seq, config_sha256, frame)
     SELECT 1, 9, v, 0, 0, v, 1, 0, 1, 1, ?, ? FROM (${numbers}) AS n`,
    [Buffer.alloc(32), Buffer.alloc(1)],
  );
}

async function left(table: string): Promise<number[]> {
  const rows = await rawSql(app.place, `SELECT version FROM ${table} WHERE graph_key = 9 ORDER BY version`);
  return rows.map(({ version }) => Number(version));
}

it('removes what is not kept of a graph with more kept versions than a statement takes parameters', async () => {
  await aLargeGraph();
  const all = Array.from({ length: VERSIONS }, (_, i) => i + 1);
  const kept = all.filter((version) => version % 17 !== 0 && version < VERSIONS - 100);
  const texts = all.slice(5, 40_000);
  expect(kept.length).toBeGreaterThan(32_766);
  await app.service.app
    .get(UnitOfWork)
    .write((em) => new RebuildStore().remove(em, { versions: { user_key: 1, graph_key: 9, kept, texts } }));
  expect(await left('versions')).toEqual(kept);
  expect(await left('version_texts')).toEqual(texts);
});

it('removes nothing by a list that is empty', async () => {
  await aLargeGraph();
  await app.service.app
    .get(UnitOfWork)
    .write((em) =>
      new RebuildStore().remove(em, { versions: { user_key: 1, graph_key: 9, kept: [], texts: [] } }),
    );
  expect(await left('versions')).toHaveLength(VERSIONS);
});
