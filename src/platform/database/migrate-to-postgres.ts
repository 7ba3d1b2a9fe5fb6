import { isDatabaseUnavailable } from './database-errors';
import { openDataSource, type DatabaseSchema } from './data-source';
import { parseDatabaseUrl } from './database-url';
import { migrate } from './migrator';
import { MigrationSource } from './migration-source';
import { claimTarget, MigrationTarget, migratedTables, type MigratedTable } from './migration-target';
import { RowDigest, type CellValue, type TableDigest } from './row-digest';

/** Limits of one INSERT: parameters (PostgreSQL accepts 65535) and bytes in memory. */
const BATCH_VALUES = 20_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Progress of a move. */
export interface MigrationProgress {
  table: string;
  done: number;
  total: number;
}

/** Options and callbacks of a move. */
export interface MigrationOptions {
  from: string;
  to: string;
  schema: DatabaseSchema;
  /** Whether the master key with this id is available. */
  hasMasterKey: (id: Buffer) => boolean;
  onProgress: (progress: MigrationProgress) => void;
  /** Aborted to stop; the target stays empty then. */
  signal: AbortSignal;
}

/** A table that was moved and read back. */
export interface MigratedTableResult extends TableDigest {
  table: string;
}

/**
 * Moves an installation from SQLite to an empty PostgreSQL database: all tables, row by row in bounded batches, in
 * one transaction that is committed only if every table reads back with the source's count and hash. The source is
 * only read. Throws an Error with a message for the operator, and leaves the target empty, if anything prevents the
 * move. From the first change of the target to the commit it has a mark (`migration-mark.ts`), and no service starts on
 * it.
 */
export async function migrateToPostgres(options: MigrationOptions): Promise<MigratedTableResult[]> {
  const [from, to] = [parseDatabaseUrl(options.from), parseDatabaseUrl(options.to)];
  if (from.kind !== 'sqlite') throw new Error('--from must be an sqlite:/// URL.');
  if (to.kind !== 'postgres') throw new Error('--to must be a postgres:// URL.');
  const source = MigrationSource.open(from.file);
  try {
    refuseUnfit(source, options);
    // One connection: an uncommitted transaction ends with it.
    const dataSource = await openDataSource(to, options.schema, { poolSize: 1 });
    try {
      const tables = migratedTables(dataSource);
      await migrate(dataSource, (runner) => claimTarget(runner, tables));
      const target = await MigrationTarget.begin(dataSource, tables);
      const results = await migrateTables(source, target, tables, options);
      await target.commit();
      return results;
    } catch (error) {
      throw explained(error);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    source.close();
  }
}

function explained(error: unknown): unknown {
  if (!isDatabaseUnavailable(error)) return error;
  return new Error(
    `A database failed during the move (${(error as Error).message}). Nothing was moved. Run it again when the database is available.`,
    { cause: error },
  );
}

function refuseUnfit(source: MigrationSource, { schema, hasMasterKey }: MigrationOptions): void {
  const had = source.migrations();
  if (had.length === 0) throw new Error('The source database does not belong to this service.');
  const known = schema.migrations.map((migration) => new migration().name ?? migration.name);
  if (had.length !== known.length || !known.every((name) => had.includes(name)))
    throw new Error(
      'The source database has a different schema than this program. Start the service on it once first.',
    );
  if (!source.masterKeys().every(hasMasterKey))
    throw new Error(
      'The master key of the source database is not available. Set ENCRYPTION_KEY, or set DATA_DIR to the folder with its keys.',
    );
}

async function migrateTables(
  source: MigrationSource,
  target: MigrationTarget,
  tables: readonly MigratedTable[],
  { onProgress, signal }: MigrationOptions,
): Promise<MigratedTableResult[]> {
  const total = tables.reduce((sum, table) => sum + source.count(table), 0);
  const results: MigratedTableResult[] = [];
  let done = 0;
  for (const table of tables) {
    const sent = new RowDigest();
    for (const rows of batches(source.rows(table))) {
      signal.throwIfAborted();
      for (const row of rows) sent.add(row);
      await target.insert(table, rows);
      onProgress({ table: table.name, done: (done += rows.length), total });
    }
    if (table.generated) await target.continueAfter(table, source.lastDrawn(table));
    results.push({ table: table.name, ...(await readBack(target, table, sent.end())) });
  }
  return results;
}

async function readBack(
  target: MigrationTarget,
  table: MigratedTable,
  sent: TableDigest,
): Promise<TableDigest> {
  const found = await target.digest(table);
  if (found.rows !== sent.rows || found.sha256 !== sent.sha256)
    throw new Error(`"${table.name}" reads back differently from what was sent. Nothing was moved.`);
  return found;
}

function* batches(rows: Iterable<CellValue[]>): Generator<CellValue[][]> {
  let batch: CellValue[][] = [];
  let values = 0;
  let bytes = 0;
  for (const row of rows) {
    batch.push(row);
    values += row.length;
    for (const value of row)
      bytes += value instanceof Uint8Array || typeof value === 'string' ? value.length : 8;
    if (values < BATCH_VALUES && bytes < BATCH_BYTES) continue;
    yield batch;
    [batch, values, bytes] = [[], 0, 0];
  }
  if (batch.length > 0) yield batch;
}
