import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, hasProgram, untilListening } from './programs';

/** Whether Debian's `pgbouncer` package is installed here. */
export const pgBouncerInstalled = hasProgram('pgbouncer');

/** A pooler in transaction mode before one database. */
export interface PgBouncer {
  url: string;
  stop(): Promise<void>;
}

/** Starts PgBouncer as its package configures it, but for the mode: no parameter is ignored, nothing is tracked. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-test-pgbouncer-'));
  // It refuses to run as root, and then as somebody else has to read this.
  chmodSync(folder, 0o755);
  const listen = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
`,
  );
  const unprivileged = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('pgbouncer', [...unprivileged, file], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilListening(listen, 'PgBouncer');
  return {
    url: `postgres://${username}@127.0.0.1:${listen}${pathname}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
