import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { type ChildService, startChild } from '../../../scripts/child-service';
import { HttpSession, graphBody } from '../../../scripts/http-session';
import { uuidv7 } from '../../../src/platform/ids/uuid';
import { startFloor, type FloorKind } from '../floor/child';

/** A server under load: where it is, whose token it takes, and how a graph is put into it. */
export interface Contender {
  name: string;
  /** More than one where several replicas share the load. */
  urls: readonly string[];
  /** The processes behind these addresses. */
  pids: readonly number[];
  token: string;
  /** Makes a graph of this config; the path to PUT and GET it. */
  create(config: Buffer): Promise<string>;
  stop(): Promise<void>;
}

/** The floor on an empty database of its own. */
export async function startFloorContender(kind: FloorKind): Promise<Contender> {
  const folder = newFolder();
  const secret = randomBytes(32).toString('hex');
  const floor = await startFloor(folder, secret, kind);
  const token = new JwtService({ secret }).sign({ sub: uuidv7(0) });
  const create = async (config: Buffer) => {
    const path = `/api/v1/graphs/${uuidv7(0)}`;
    await post(floor.url + path, token, config, 201);
    return path;
  };
  return {
    name: 'floor',
    urls: [floor.url],
    pids: [floor.pid],
    token,
    create,
    stop: () => stopAndRemove(() => floor.stop(), folder),
  };
}

/** The service as it is delivered, with its default settings, on an empty folder of its own. */
export async function startServiceContender(
  execArgv: string[] = [],
  environment: Record<string, string> = {},
): Promise<Contender & { child: ChildService }> {
  const folder = newFolder();
  const settings = { DATA_DIR: folder, LOG_FORMAT: 'json', ACCESS_TOKEN_EXPIRE_MINUTES: '240' };
  const log = join(folder, 'service.log');
  const child = await startChild({ ...settings, ...environment }, execArgv, undefined, [], log);
  const user = await signedIn(child.url);
  const stop = () => stopAndRemove(() => child.stop(), folder);
  const pids = [child.process.pid as number];
  return { name: 'service', urls: [child.url], pids, ...user, stop, child };
}

/** A user of a running service, and how a graph of the user's is made. */
export async function signedIn(url: string): Promise<Pick<Contender, 'token' | 'create'>> {
  const session = new HttpSession(url);
  await session.signIn('bench@example.org', 'a password of the bench');
  session.close();
  const token = session.accessToken;
  const create = async (config: Buffer) => {
    const made = await post(`${url}/api/v1/graphs`, token, graphBody('Bench', config), 201);
    return `/api/v1/graphs/${(JSON.parse(made) as { id: string }).id}`;
  };
  return { token, create };
}

/** Sends a body and gives back the answer's text; throws on another status than the expected one. */
export async function post(url: string, token: string, body: Buffer, expected: number): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  const text = await answer.text();
  if (answer.status !== expected) throw new Error(`Making a graph failed with ${answer.status}: ${text}`);
  return text;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'graphomat-bench-'));
}

async function stopAndRemove(stop: () => Promise<unknown>, folder: string): Promise<void> {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
