import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import Database from 'better-sqlite3';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { GroupCommit } from './group-commit';

/*
 * The floor: what a PUT and a GET cost with Fastify and better-sqlite3 alone. A token check with a key object made
 * once, one durable transaction (WAL, synchronous=FULL, group commit) that updates one row and inserts one, the
 * bytes as they came: no parsing, hash, compression, encryption, validation, journal or log line. Or, as `json`, with
 * bodies read as Fastify reads them when nothing is said, and printed once to be stored and answered.
 * Run by floor/child.ts with a folder, a secret and the kind as arguments; says its address in a line.
 */

const BODY_LIMIT = 16 * 1024 * 1024;
const GRAPH = '/api/v1/graphs/:id';

interface Params {
  id: string;
}

class Store {
  private readonly database: Database.Database;
  private readonly commits: GroupCommit;

  constructor(folder: string) {
    this.database = new Database(join(folder, 'floor.db'));
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.exec(`
      CREATE TABLE graphs (id TEXT PRIMARY KEY, user_id TEXT, version INTEGER, body BLOB);
      CREATE TABLE versions (graph_id TEXT, version INTEGER, body BLOB, PRIMARY KEY (graph_id, version));`);
    this.commits = new GroupCommit(this.database);
  }

  statements() {
    const { database } = this;
    const insert = database.prepare('INSERT INTO graphs (id, user_id, version, body) VALUES (?, ?, 1, ?)');
    const update = database.prepare(
      'UPDATE graphs SET version = version + 1, body = ? WHERE id = ? AND user_id = ? RETURNING version',
    );
    const keep = database.prepare('INSERT INTO versions (graph_id, version, body) VALUES (?, ?, ?)');
    const read = database.prepare('SELECT body FROM graphs WHERE id = ? AND user_id = ?');
    return {
      create: (id: string, user: string, body: Buffer) =>
        this.commits.write(() => void insert.run(id, user, body)),
      replace: (id: string, user: string, body: Buffer) =>
        this.commits.write(() => {
          const { version } = update.get(body, id, user) as { version: number };
          keep.run(id, version, body);
        }),
      read: (id: string, user: string) => (read.get(id, user) as { body: Buffer } | undefined)?.body,
    };
  }
}

function serve(folder: string, secret: string, kind: string | undefined): FastifyInstance {
  const jwt = new JwtService();
  const key = createSecretKey(Buffer.from(secret));
  const store = new Store(folder).statements();
  const server = fastify({ bodyLimit: BODY_LIMIT });
  if (kind !== 'json') keepBytes(server);
  const userOf = (request: FastifyRequest): string => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    return jwt.verify<{ sub: string }>(token, { secret: key as never, algorithms: ['HS256'] }).sub;
  };
  server.post<{ Params: Params }>(GRAPH, async (request, reply) => {
    await store.create(request.params.id, userOf(request), bytesOf(request.body));
    return reply.code(201).send();
  });
  server.put<{ Params: Params }>(GRAPH, async (request, reply) => {
    const body = bytesOf(request.body);
    await store.replace(request.params.id, userOf(request), body);
    return reply.type('application/json').send(body);
  });
  server.get<{ Params: Params }>(GRAPH, (request, reply) =>
    reply.type('application/json').send(store.read(request.params.id, userOf(request))),
  );
  return server;
}

function keepBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

async function main([folder, secret, kind]: string[]): Promise<void> {
  if (folder === undefined || secret === undefined)
    throw new Error('Usage: floor/server.ts FOLDER SECRET [json]');
  const server = serve(folder, secret, kind);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ address }));
}

void main(process.argv.slice(2));
