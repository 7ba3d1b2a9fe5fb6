import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startOwnPostgres } from '../support/own-postgres';
import { newDatabase } from './postgres/contenders';

const MOVE = join(__dirname, '..', '..', 'dist', 'cli', 'migrate-to-postgres.js');

/** The database that a bench measures. */
export interface Where {
  /** The service's settings for it. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** The SQLite database of a bench. */
export function sqliteIn(folder: string): string {
  return `sqlite:///${join(folder, 'bench.db')}`;
}

/**
 * What a bench has prepared in `sqliteIn(folder)`: there, or moved to a PostgreSQL of its own by the operator's tool. The
 * service must be stopped.
 */
export async function whereOf(kind: 'sqlite' | 'postgres', folder: string): Promise<Where> {
  if (kind === 'sqlite')
    return { environment: { DATABASE_URL: sqliteIn(folder) }, stop: () => Promise.resolve() };
  const server = await startOwnPostgres();
  try {
    const url = await newDatabase(server.url);
    await move(folder, url);
    return { environment: { DATABASE_URL: url }, stop: () => server.remove() };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

async function move(folder: string, to: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: folder };
  const args = [MOVE, '--from', sqliteIn(folder), '--to', to];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The move to PostgreSQL ended with ${code}.`);
}
