import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The floor as a process of its own. */
export interface FloorProcess {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** What a floor does with a body: keep its bytes, or read and print it, as Fastify does when nothing is said. */
export type FloorKind = 'bytes' | 'json';

/** Starts the floor with its database in `folder`; tokens are signed with `secret`. */
export function startFloor(folder: string, secret: string, kind: FloorKind): Promise<FloorProcess> {
  return startServer('server.ts', [folder, secret, kind]);
}

/** Starts the floor on an empty PostgreSQL database, for one user with one session (hex). */
export function startPostgresFloor(
  url: string,
  secret: string,
  userId: string,
  session: string,
  poolSize: number,
): Promise<FloorProcess> {
  return startServer('postgres-server.ts', [url, secret, userId, session, String(poolSize)]);
}

async function startServer(file: string, parameters: readonly string[]): Promise<FloorProcess> {
  const args = ['-r', '@swc-node/register', join(__dirname, file), ...parameters];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    ended.then(() => Promise.reject(new Error('The floor ended before it listened.'))),
  ]);
  const { address } = JSON.parse(line[0]) as { address: string };
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url: address, pid: child.pid as number, stop };
}
