import { createHash, randomBytes } from 'node:crypto';
import { CopyStore } from '../../src/backups/copy.store';
import { COPIED_TABLES } from '../../src/backups/domain/copied-tables';
import { BlockWriter, decodeBlock, type Row } from '../../src/backups/domain/row-block';
import { Statement } from '../../src/platform/database/statement';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let work: UnitOfWork;
beforeAll(async () => {
  app = await startApp();
  work = app.service.app.get(UnitOfWork);
});
afterAll(() => app.close());

const insertVersion = new Statement(
  `INSERT INTO versions (user_key, graph_key, version, change, status, text_version, created_at, pinned, config_bytes, seq, config_sha256, frame)
   VALUES (:user, :graph, :version, 0, 0, 1, 1, 0, 1, :seq, :hash, :frame)`,
);
const insertEvent = new Statement(
  'INSERT INTO journal (at, action, subject_id, request_id, details) VALUES (1, 1, :subject, :request, :details)',
);

/** Of all sizes: pages of many rows, rows that are a page each, and rows without bytes. */
const sizeOf = (i: number) => (i % 100 === 7 ? 300_000 : i % 10 === 3 ? 20_000 : i % 50);

const ROWS = 1_000;

async function fill(): Promise<void> {
  await work.write(async (em) => {
    for (let i = 0; i < ROWS; i += 1) {
      // 7 has no common factor with 1,000: each number once, in an order that is no order of a key.
      const at = (i * 7) % ROWS;
      const place = { user: at % 2, graph: Math.floor(at / 300), version: at, seq: ROWS - at };
      await insertVersion.run(em, { ...place, hash: randomBytes(32), frame: randomBytes(sizeOf(at)) });
      const [subject, request] = [at % 3 === 0 ? null : randomBytes(16), at < 900 ? null : randomBytes(16)];
      await insertEvent.run(em, { subject, request, details: at % 5 === 0 ? null : `Ä ${at}` });
    }
  });
}

/** What a segment would hold, read again, and the rows as the database has them. */
async function copied(name: string, from: number | null): Promise<{ pages: Row[][]; rows: Row[] }> {
  const table = COPIED_TABLES.find((one) => one.table === name)!;
  const order = (from === null || table.key[0] === 'seq' ? table.key : ['seq', ...table.key]).join(', ');
  const all = new Statement<Row>(
    `SELECT ${table.columns.join(', ')} FROM ${name} WHERE seq > :from ORDER BY ${order}`,
  );
  return work.snapshot('journal', new AbortController().signal, async (em) => {
    const [pages, blocks]: [Row[][], BlockWriter] = [[], new BlockWriter()];
    for await (const read of new CopyStore().pages(em, table, from)) {
      const block = decodeBlock(Buffer.from(blocks.rows(table, read)));
      if ('rows' in block) pages.push(block.rows.rows);
    }
    return { pages, rows: await all.all(em, { from: from ?? -1 }) };
  });
}

it('copies every row with its own bytes, in pages that fit into memory', async () => {
  await fill();
  for (const [name, from] of [
    ['versions', null],
    ['versions', 400],
    ['journal', null],
    ['journal', 500],
  ] as const) {
    const { pages, rows } = await copied(name, from);
    expect(rows.length).toBeGreaterThanOrEqual(ROWS - (from ?? 0));
    expect(pages.flat().map(short)).toEqual(rows.map(short));
    for (const page of pages.filter((one) => one.length > 1)) expect(bytesOf(page)).toBeLessThan(262_144);
  }
  expect((await copied('policies', null)).pages).toEqual([]);
});

/** Jest takes long to compare bytes. */
const short = (row: Row) =>
  Object.entries(row).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? `${value.length} ${createHash('sha256').update(value).digest('hex')}` : value,
  ]);

function bytesOf(rows: readonly Row[]): number {
  const values = rows.flatMap((row) => Object.values(row));
  return values.reduce((sum: number, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);
}
