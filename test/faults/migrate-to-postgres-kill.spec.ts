import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { startApp } from '../support/app';
import { startChild } from '../support/child';
import { allRows, type AllRows } from '../support/all-rows';
import { runCli, spawnCli, startCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { livedIn, type LivedIn } from '../support/lived-in';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres';
import { within } from '../support/within';

/** Of each recorded history. */
const VERSIONS = 12;
/** A move that ends, or says why it does not, takes less, ms. */
const PATIENCE_MS = 45_000;
/** What a killed machine leaves behind: the database, and what was written to it last. */
const FILES = ['workflow.db', 'workflow.db-wal'];
const KILLED_AT = join(__dirname, '..', 'support', 'killed-at.cjs');
/** Where a move is killed: right before the n-th writing statement from the first that has this text, and what is left. */
const PLACES: ReadonlyArray<[from: string, nth: number, left: 'nothing' | 'marked']> = [
  ['unfinished_move', 1, 'nothing'],
  ['unfinished_move', 40, 'nothing'],
  ['LOCK TABLE', 1, 'marked'],
  ['INSERT INTO "journal"', 1, 'marked'],
  ['INSERT INTO "versions"', 1, 'marked'],
  ['INSERT INTO "version_texts"', 1, 'marked'],
  ['ANALYZE', 1, 'marked'],
];

/** Tables with one row that the migrations put there. */
const BY_MIGRATIONS = ['health_probe', 'webhook_feed'];

const REFUSAL =
  /A move into this database has not completed.*npm run migrate-to-postgres.*another database\.\n?$/;

const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

onPostgres('a move that is killed', () => {
  let used: LivedIn;
  let source: TestPlace;
  let before: AllRows;
  let bytes: string[];

  beforeAll(async () => {
    used = await livedIn(VERSIONS);
    source = crashed(used.place);
    bytes = hashes(source);
    const place = copied(source);
    before = await allRows(place.databaseUrl);
    await place.remove();
  });
  afterAll(async () => {
    await used.place.remove();
    await source.remove();
  });

  const args = (to: string) => ['--from', source.databaseUrl, '--to', to];

  const stoppedAt = (from: string, nth: number, signal: 'SIGKILL' | 'SIGSTOP') => ({
    NODE_OPTIONS: `--require ${KILLED_AT}`,
    KILLED_FROM: from,
    KILLED_AT: String(nth),
    KILLED_WITH: signal,
  });

  /** Lets `strike` happen once the move has said `line`; what it said, and its code. */
  async function struck(
    to: string,
    line: string,
    strike: (move: ChildProcess) => void,
    environment: Record<string, string> = {},
  ) {
    let armed = false;
    const arm = (output: string) => {
      if (armed || !output.includes(line)) return;
      armed = true;
      strike(move.process);
    };
    const move = startCli('migrate-to-postgres', args(to), source, arm, environment);
    return within(PATIENCE_MS, 'the end of a move that was struck', move.ended);
  }

  /** The target has nothing, and no program starts on it; or it has everything. */
  async function expectNothingOrAll(url: string): Promise<'nothing' | 'marked' | 'all'> {
    expect(hashes(source)).toEqual(bytes);
    const there = await allRows(url);
    if (Object.keys(there).length === 0) return 'nothing';
    if (!('unfinished_move' in there)) {
      expect(there).toEqual(before);
      return 'all';
    }
    const filled = Object.keys(there).filter((table) => there[table]!.rows > 0);
    expect(filled.filter((table) => !BY_MIGRATIONS.includes(table))).toEqual([]);
    await expect(startApp({}, { ...source, databaseUrl: url })).rejects.toThrow(REFUSAL);
    const check = await runCli('check', [], { ...source, databaseUrl: url });
    expect(check).toMatchObject({ code: 2, output: expect.stringContaining('has not completed') as string });
    return 'marked';
  }

  async function expectMigrated(url: string): Promise<void> {
    const moved = await spawnCli('migrate-to-postgres', args(url), source);
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining('MOVED') as string });
    expect(await allRows(url)).toEqual(before);
    expect(hashes(source)).toEqual(bytes);
    const service = await startChild({ DATA_DIR: source.dataDir, DATABASE_URL: url });
    expect(await service.stop()).toBe(0);
  }

  it('with SIGKILL at any place leaves the source as it is, and the target as nothing that a service starts on', async () => {
    const target = await newPlace();
    const found: string[] = [];
    for (const [from, nth] of PLACES) {
      const killed = await spawnCli(
        'migrate-to-postgres',
        args(target.databaseUrl),
        source,
        stoppedAt(from, nth, 'SIGKILL'),
      );
      expect(killed.output).not.toContain('MOVED');
      found.push(await expectNothingOrAll(target.databaseUrl));
    }
    expect(found).toEqual(PLACES.map(([, , left]) => left));
    const started = startChild({ DATA_DIR: source.dataDir, DATABASE_URL: target.databaseUrl });
    await expect(started).rejects.toThrow(REFUSAL);
    await expectMigrated(target.databaseUrl);
    await target.remove();
  });

  it('with its PostgreSQL says so in a sentence, and moves when the server is back', async () => {
    let server: OwnPostgres | undefined;
    try {
      server = await startOwnPostgres();
      for (const from of ['INSERT INTO "journal"', 'INSERT INTO "versions"', 'ANALYZE']) {
        const strike = (move: ChildProcess) => {
          server!.kill();
          // The line comes a moment before the stop.
          const waking = setInterval(() => move.kill('SIGCONT'), 100);
          move.once('close', () => clearInterval(waking));
        };
        const environment = stoppedAt(from, 1, 'SIGSTOP');
        const { code, output } = await struck(server.url, 'stopped', strike, environment);
        await server.start();
        expect(await expectNothingOrAll(server.url)).toBe('marked');
        expect(code).toBe(2);
        expect(output).toMatch(
          /^(A database failed during the move|The connection was lost during the commit|The database server of DATABASE_URL cannot be reached)/m,
        );
      }
      await expectMigrated(server.url);
    } finally {
      await server?.remove();
    }
  });

  it('ends on SIGTERM with a sentence, and leaves nothing', async () => {
    const target = await newPlace();
    const { code, output } = await struck(target.databaseUrl, '%:', (move) => move.kill('SIGTERM'));
    const state = await expectNothingOrAll(target.databaseUrl);
    // A signal behind the last row comes too late.
    expect([code, state, output]).toEqual(
      code === 0
        ? [0, 'all', expect.stringContaining('MOVED')]
        : [2, 'marked', expect.stringContaining('Stopped: nothing was moved')],
    );
    await target.remove();
  });
});

/** The same installation as a crash would leave it: its newest change is in the write-ahead log only. */
function crashed(place: TestPlace): TestPlace {
  const database = new Sqlite(join(place.dataDir, 'workflow.db'));
  database.exec(`UPDATE graphs SET description = 'the last change before the crash'`);
  const crash = copied(place);
  database.close();
  return crash;
}

function copied(place: TestPlace): TestPlace {
  const dataDir = mkdtempSync(join(tmpdir(), 'graphomat-test-crashed-'));
  cpSync(place.dataDir, dataDir, { recursive: true });
  return {
    dataDir,
    databaseUrl: `sqlite:///${join(dataDir, 'workflow.db')}`,
    remove: () => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })),
  };
}

function hashes(place: TestPlace): string[] {
  return FILES.map((name) =>
    createHash('sha256')
      .update(readFileSync(join(place.dataDir, name)))
      .digest('hex'),
  );
}
