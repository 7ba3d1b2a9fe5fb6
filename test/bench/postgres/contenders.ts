import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { Client } from 'pg';
import { startChild } from '../../../scripts/child-service';
import { graphBody } from '../../../scripts/http-session';
import { uuidBytes, uuidv7 } from '../../../src/platform/ids/uuid';
import { startPostgresFloor } from '../floor/child';
import { type Contender, post, signedIn } from '../http/contenders';
import { series } from '../http/documents';

/** Connections to the database that a contender has, all replicas of it together. */
const CONNECTIONS = 12;
/** Versions whose sizes the floor's rows take over. */
const SAMPLE = 16;

/** Bytes of what the service stores for a document. */
export interface RowSizes {
  head: number;
  frame: number;
}

/** The floor, whose rows can be given the sizes of the service's. */
export interface PostgresFloor extends Contender {
  resize(sizes: RowSizes): void;
}

/** The service on PostgreSQL. */
export interface PostgresService extends Contender {
  /** What it stores for documents of that many bytes. */
  sizesOf(configBytes: number): Promise<RowSizes>;
}

/** The floor on an empty database of its own. */
export async function startPostgresFloorContender(server: string): Promise<PostgresFloor> {
  const secret = randomBytes(32).toString('hex');
  const userId = uuidv7(0);
  const url = await newDatabase(server);
  const floor = await startPostgresFloor(url, secret, userId, randomBytes(16).toString('hex'), CONNECTIONS);
  const token = new JwtService({ secret }).sign({ sub: userId });
  let sizes = '';
  const create = async (config: Buffer) => {
    const path = `/api/v1/graphs/${uuidv7(0)}${sizes}`;
    await post(floor.url + path, token, graphBody('Bench', config), 201);
    return path;
  };
  const resize = ({ head, frame }: RowSizes) => void (sizes = `?head=${head}&frame=${frame}`);
  const stop = () => floor.stop();
  return { name: 'floor', urls: [floor.url], pids: [floor.pid], token, create, resize, stop };
}

/** The service as it is delivered, as many replicas of it on one empty database. */
export async function startPostgresService(
  server: string,
  replicas: number,
  execArgv: string[] = [],
): Promise<PostgresService> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-bench-'));
  const databaseUrl = await newDatabase(server);
  const settings = {
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: String(CONNECTIONS / replicas),
    SECRET_KEY: randomBytes(48).toString('base64'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    LOG_FORMAT: 'json',
    ACCESS_TOKEN_EXPIRE_MINUTES: '240',
  };
  const children = await Promise.all(
    Array.from({ length: replicas }, (_, at) => {
      const log = join(folder, `service-${at}.log`);
      return startChild({ ...settings, DATA_DIR: join(folder, String(at)) }, execArgv, undefined, [], log);
    }),
  );
  const urls = children.map(({ url }) => url);
  const user = await signedIn(urls[0] as string);
  const sizesOf = async (configBytes: number) => {
    const [first, ...others] = series(configBytes, SAMPLE, 0);
    const path = await user.create(first as Buffer);
    for (const config of others) await put(urls[0] + path, user.token, config);
    return storedSizes(databaseUrl, path.slice(path.lastIndexOf('/') + 1));
  };
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const pids = children.map((child) => child.process.pid as number);
  return { name: `${replicas} replicas`, urls, pids, ...user, sizesOf, stop };
}

async function put(url: string, token: string, config: Buffer): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url, {
    method: 'PUT',
    headers,
    body: new Uint8Array(graphBody('Bench', config)),
  });
  if (answer.status !== 200) throw new Error(`A change was answered with ${answer.status}.`);
  await answer.arrayBuffer();
}

async function storedSizes(databaseUrl: string, id: string): Promise<RowSizes> {
  const [sizes] = await query<RowSizes>(
    databaseUrl,
    `SELECT octet_length(g.head) AS head, avg(octet_length(v.frame))::int AS frame
     FROM graphs g JOIN versions v ON v.user_key = g.user_key AND v.graph_key = g.key AND v.version > 1
     WHERE g.id = $1 GROUP BY g.head`,
    [uuidBytes(id)],
  );
  if (!sizes) throw new Error('The service has not stored what it was sent.');
  return sizes;
}

/** Makes an empty database on a server; its address. */
export async function newDatabase(server: string): Promise<string> {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  await query(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}

async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
