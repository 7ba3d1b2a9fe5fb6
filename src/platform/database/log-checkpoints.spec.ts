import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { until } from '../../../test/support/within';
import type { LogPages } from './checkpoint.worker';
import { LogCheckpoints } from './log-checkpoints';

const PATIENCE_MS = 30_000;
const ROW_BYTES = 1_048_576;

let folder: string;
let database: Database.Database;
let checkpoints: LogCheckpoints;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  database = new Database(join(folder, 'a.db'));
  database.pragma('page_size = 2048');
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE rows (filling blob)');
});
afterEach(async () => {
  await checkpoints.close();
  database.close();
  rmSync(folder, { recursive: true });
});

const pages = () => (database.pragma('wal_checkpoint(NOOP)') as LogPages[])[0]!;
/** As many commits of 1 MiB. */
function write(times: number): void {
  for (let at = 0; at < times; at += 1) {
    database.prepare('INSERT INTO rows VALUES (zeroblob(?))').run(ROW_BYTES);
    checkpoints.look();
  }
}

it('copies the log in a thread once it has grown, and never in a commit before that', async () => {
  checkpoints = new LogCheckpoints(database);
  write(1);
  expect(pages().checkpointed).toBe(0);
  write(4);
  expect(pages().checkpointed).toBe(0);
  await until(PATIENCE_MS, 'the pages in the database file', () => {
    const { log, checkpointed } = pages();
    return checkpointed === log ? true : undefined;
  });
  // All of the log was copied, so the next commit starts at its beginning.
  write(1);
  expect(pages().log).toBeLessThan(1_000);
  expect(database.prepare('SELECT COUNT(*) AS n FROM rows').get()).toEqual({ n: 6 });
});

it('leaves the log to the writer where no thread starts, and says so once', async () => {
  const warn = jest.fn();
  checkpoints = new LogCheckpoints(database, { warn }, join(folder, 'empty'));
  write(20);
  // More than the log may hold: it started again after a commit had copied it.
  expect(pages().log).toBeLessThan(5_120);
  await until(PATIENCE_MS, 'the line in the log', () => (warn.mock.calls.length > 0 ? true : undefined));
  write(20);
  await checkpoints.close();
  const sentence = "no thread copies the database's log: requests do it, and take longer";
  expect(warn.mock.calls.map(([message]: unknown[]) => message)).toEqual([sentence]);
});

it('lets the thread end its copy before it closes', async () => {
  checkpoints = new LogCheckpoints(database);
  write(5);
  await checkpoints.close();
  const { log, checkpointed } = pages();
  expect(checkpointed).toBe(log);
});
