import { createSecretKey, randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Pool, type PoolClient, types } from 'pg';
import { Clock } from '../../../src/platform/clock/clock';
import { databaseSchema } from '../../../src/database-schema';
import { openDatabase } from '../../../src/platform/database/database';
import { parseDatabaseUrl } from '../../../src/platform/database/database-url';
import { uuidBytes } from '../../../src/platform/ids/uuid';
import * as sql from './postgres-statements';

/*
 * The floor on PostgreSQL: Fastify and `pg` alone, on the service's own schema. A token check with a key object made
 * once, the session's look-up, the graph's, and for a PUT the service's transaction: the same statements with
 * parameters of the same sizes, on as many connections. No parsing, hash, compression, encryption, validation or log
 * line: what it stores are stock bytes, in the sizes that the request names (`?head=3000&frame=300`).
 * Run by floor/child.ts with a database's URL, a secret, the user's and the session's id and the pool's size.
 */

const BODY_LIMIT = 16 * 1024 * 1024;
const clock = new Clock();
const GRAPH = '/api/v1/graphs/:id';
const STOCK = randomBytes(BODY_LIMIT);
const HASH = STOCK.subarray(0, 32);
const BIGINT = 20;
const PARTS = 16;

interface Request {
  Params: { id: string };
  Querystring: { head?: string; frame?: string };
}
interface GraphRow {
  key: number;
  version: number;
  seq: number;
}

/** A request as the store needs it. */
interface Order {
  user: Buffer;
  id: Buffer;
  bytes: number;
  head: Buffer;
  frame: Buffer;
}

class Store {
  private readonly pool: Pool;

  constructor(
    url: string,
    private readonly session: Buffer,
    max: number,
  ) {
    this.pool = new Pool({ connectionString: url, max });
  }

  async addUser(id: Buffer): Promise<void> {
    await this.pool.query(
      `INSERT INTO users (key, id, seq, created_at, is_active, role, email, password_hash) VALUES (1, $1, 1, 0, 1, 'user', 'floor@example.org', '')`,
      [id],
    );
    await this.pool.query(
      `INSERT INTO sessions (user_key, id, generation, created_at, expires_at, ip) VALUES (1, $1, 1, 0, 9e12, '')`,
      [this.session],
    );
  }

  async create(order: Order): Promise<void> {
    const key = await this.userKey(order);
    await this.write(async (client) => {
      const seq = await this.note(client, key, order.id, 1);
      const now = clock.now();
      const place = { user_key: key, key: seq, id: order.id, seq, created_at: now };
      const row = { ...place, ...changing(1, order.bytes, order.head, now) };
      await client.query(sql.INSERT_GRAPH, sql.valuesOf(sql.GRAPH_COLUMNS, row));
      await this.insertVersion(client, key, seq, 1, seq, order);
    });
  }

  async replace(order: Order): Promise<void> {
    const key = await this.userKey(order);
    const row = await this.find(key, order.id);
    await this.write(async (client) => {
      const version = row.version + 1;
      const seq = await this.note(client, key, order.id, version);
      const next = { seq, ...changing(version, order.bytes, order.head, clock.now()) };
      const values = [...sql.valuesOf(sql.CHANGING_COLUMNS, next), key, row.key, row.seq];
      const { rowCount } = await client.query(sql.REPLACE_GRAPH, values);
      if (rowCount !== 1) throw new Error('Somebody else has changed this graph.');
      await this.insertVersion(client, key, row.key, version, seq, order);
    });
  }

  async read({ user, id }: Pick<Order, 'user' | 'id'>): Promise<void> {
    await this.find(await this.userKey({ user }), id);
  }

  private async userKey({ user }: Pick<Order, 'user'>): Promise<number> {
    const { rows } = await this.pool.query<{ key: number }>(sql.FIND_SESSION, [user, this.session]);
    return rows[0]!.key;
  }

  private async find(userKey: number, id: Buffer): Promise<GraphRow> {
    return (await this.pool.query<GraphRow>(sql.FIND_GRAPH, [userKey, id])).rows[0]!;
  }

  private async note(client: PoolClient, userKey: number, id: Buffer, version: number): Promise<number> {
    const values = [clock.now(), userKey, userKey, 1, id, version, HASH.subarray(0, 16), '127.0.0.1', null];
    return (await client.query<{ seq: number }>(sql.INSERT_EVENT, values)).rows[0]!.seq;
  }

  private async insertVersion(
    client: PoolClient,
    userKey: number,
    graphKey: number,
    version: number,
    seq: number,
    { bytes, frame }: Order,
  ): Promise<void> {
    const counts = [userKey, graphKey % PARTS, 0, 1, bytes, 0, frame.length];
    const row = {
      ...{
        user_key: userKey,
        graph_key: graphKey,
        version,
        base_version: version === 1 ? null : version - 1,
      },
      ...{
        change: 1,
        status: 0,
        text_version: 1,
        created_at: clock.now(),
        valid_until: null,
        label: null,
        pinned: 0,
      },
      ...{ restored_from: null, config_bytes: bytes, seq, config_sha256: HASH, frame },
    };
    await client.query(sql.INSERT_VERSION, [...counts, ...sql.valuesOf(sql.VERSION_COLUMNS, row)]);
  }

  private async write(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query(sql.BEGIN);
      await work(client);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }
}

/** The columns of a graph that a change writes, but for its number in the journal. */
function changing(version: number, bytes: number, head: Buffer, now: number): sql.Values {
  return {
    ...{
      version,
      status: 0,
      text_version: 1,
      updated_at: now,
      deleted_at: null,
      purge_at: null,
      prune_due_at: now,
    },
    ...{ config_bytes: bytes, anchor_version: 1, anchors: 0, since_anchor: 0, config_sha256: HASH },
    ...{ title: 'Bench', title_folded: 'bench', description: null, head },
  };
}

function serve(secret: string, store: Store): FastifyInstance {
  const jwt = new JwtService();
  const key = createSecretKey(Buffer.from(secret));
  const bodies = new Map<string, Buffer>();
  const server = fastify({ bodyLimit: BODY_LIMIT });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  const userOf = (request: FastifyRequest): Buffer => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    return uuidBytes(jwt.verify<{ sub: string }>(token, { secret: key as never, algorithms: ['HS256'] }).sub);
  };
  const orderOf = (request: FastifyRequest<Request>): Order => ({
    user: userOf(request),
    id: uuidBytes(request.params.id),
    bytes: (request.body as Buffer).length,
    head: STOCK.subarray(0, Number(request.query.head)),
    frame: STOCK.subarray(0, Number(request.query.frame)),
  });
  server.post<Request>(GRAPH, async (request, reply) => {
    await store.create(orderOf(request));
    // What a GET answers with: the database has it in the size that the service keeps it in.
    bodies.set(request.params.id, request.body as Buffer);
    return reply.code(201).send();
  });
  server.put<Request>(GRAPH, async (request, reply) => {
    await store.replace(orderOf(request));
    return reply.type('application/json').send(request.body);
  });
  server.get<Request>(GRAPH, async (request, reply) => {
    await store.read({ user: userOf(request), id: uuidBytes(request.params.id) });
    return reply.type('application/json').send(bodies.get(request.params.id));
  });
  return server;
}

async function main([url, secret, userId, session, poolSize]: string[]): Promise<void> {
  if (!url || !secret || !userId || !session || !poolSize)
    throw new Error('Usage: floor/postgres-server.ts URL SECRET USER_ID SESSION POOL_SIZE');
  types.setTypeParser(BIGINT, Number);
  const database = await openDatabase(parseDatabaseUrl(url), databaseSchema, {});
  await database.close();
  const store = new Store(url, Buffer.from(session, 'hex'), Number(poolSize));
  await store.addUser(uuidBytes(userId));
  const address = await serve(secret, store).listen({ host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ address }));
}

void main(process.argv.slice(2));
