import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PATIENCE_MS, within } from './within';

/** A PostgreSQL of the test's own, which it may kill. */
export interface OwnPostgres {
  url: string;
  /** SIGKILL to the server, as a crash of its machine would end it. */
  kill(): void;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a real PostgreSQL on an empty folder and a free port. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const child = spawn(process.execPath, [join(__dirname, 'own-postgres-server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started = async () => {
    const { value, done } = await within(PATIENCE_MS, "the start of the test's PostgreSQL", lines.next());
    if (done) throw new Error('The test could not start its PostgreSQL.');
    return JSON.parse(value) as { url: string; pid: number };
  };
  let { url, pid } = await started();
  return {
    url,
    kill: () => void process.kill(pid, 'SIGKILL'),
    start: async () => {
      child.stdin.write('start\n');
      ({ url, pid } = await started());
    },
    remove: () => {
      child.stdin.end();
      return within(PATIENCE_MS, "the end of the test's PostgreSQL", ended);
    },
  };
}
