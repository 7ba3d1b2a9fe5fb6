import { createHash, randomBytes } from 'node:crypto';
import Database, { type Database as Sqlite, type Statement } from 'better-sqlite3';
import { AppConfig } from '../../../src/platform/config/app-config';
import { MasterKeySource } from '../../../src/platform/crypto/master-key-source';
import type { MasterKeys } from '../../../src/platform/crypto/master-keys';
import { open, seal } from '../../../src/platform/crypto/sealed-box';
import { uuidText } from '../../../src/platform/ids/uuid';
import { encode } from '../../../src/versions/domain/codec';
import { sealFrame } from '../../../src/versions/domain/sealed-frames';

/** What an installation has after a year. */
export interface Year {
  accounts: number;
  events: number;
  /** Versions in all, of graphs with twenty each. */
  versions: number;
  /** Versions of the one graph that has many. */
  history: number;
  /** Graphs of the one user who has many. */
  graphs: number;
}

const DAY_MS = 86_400_000;
const OF_GRAPH = 20;
const GRAPHS_OF_USER = 100;
/** Numbers of the first events, which this leaves to the service. */
const FIRST_SEQ = 10_000;

/** A user whose rows are to be made. */
interface Owner {
  key: number;
  id: Buffer;
  dataKey: Buffer;
}

/** Fills an SQLite database of the stopped service with a year's rows: of `email`, and of others. */
export function seedYear(dataDir: string, file: string, email: string, year: Year, now: number): void {
  const database = new Database(file);
  const masters = MasterKeySource.openExisting(AppConfig.from({ DATA_DIR: dataDir })).current;
  try {
    database.transaction(() => new Seeder(database, masters, now).fill(email, year))();
  } finally {
    database.close();
  }
}

class Seeder {
  private seq = FIRST_SEQ;
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly database: Sqlite,
    private readonly masters: MasterKeys,
    private readonly now: number,
  ) {}

  fill(email: string, year: Year): void {
    const self = this.known(email);
    const others = Array.from({ length: year.accounts }, (_, at) => this.account(at));
    let left = year.versions - year.history - year.graphs;
    this.graph(self, 'The long one', year.history);
    for (let at = 1; at < year.graphs; at += 1) this.graph(self, `Graph ${at} of many, order intake`, 1);
    for (let at = 0; left > 0; at += 1, left -= OF_GRAPH) {
      const owner = others[Math.floor(at / GRAPHS_OF_USER) % others.length]!;
      this.graph(owner, `Graph ${at}`, Math.min(OF_GRAPH, left));
    }
    const events = this.seq - FIRST_SEQ;
    for (let at = events; at < year.events; at += 1)
      this.event(at % 4 === 0 ? self.key : others[at % others.length]!.key, 101, null, null);
    this.run('DELETE FROM user_usage', {});
    this.run(
      `INSERT INTO user_usage (user_key, part, graphs, versions, config_bytes, head_bytes, frame_bytes)
       SELECT user_key, 0, SUM(graphs), SUM(versions), SUM(config_bytes), SUM(head_bytes), SUM(frame_bytes)
       FROM (SELECT user_key, 1 AS graphs, 0 AS versions, 0 AS config_bytes, octet_length(head) AS head_bytes, 0 AS frame_bytes FROM graphs
         UNION ALL SELECT user_key, 0, 1, config_bytes, 0, octet_length(frame) FROM versions) GROUP BY user_key`,
      {},
    );
  }

  private known(email: string): Owner {
    const row = this.database
      .prepare(
        'SELECT u.key, u.id, k.master_id, k.wrapped FROM users u JOIN user_keys k ON k.user_key = u.key WHERE email = ?',
      )
      .get(email) as { key: number; id: Buffer; master_id: Buffer; wrapped: Buffer };
    return {
      key: row.key,
      id: row.id,
      dataKey: open(this.masters.find(row.master_id)!, row.wrapped, row.id),
    };
  }

  private account(at: number): Owner {
    const owner = { id: this.uuid(), dataKey: randomBytes(32) };
    const key = this.event(null, 100, owner.id, null);
    const wrapped = seal(this.masters.current, owner.dataKey, owner.id);
    const created_at = this.time();
    this.insert('users', {
      ...{ key, id: owner.id, seq: key, created_at, is_active: 1, deleted_at: null, role: 'user' },
      ...{ email: `user${at}@year.example`, password_hash: 'none' },
    });
    this.insert('user_keys', {
      ...{ user_key: key, user_id: owner.id, master_id: this.masters.currentId, created_at },
      ...{ wrapped, destroyed_at: null },
    });
    return { key, ...owner };
  }

  private graph(owner: Owner, title: string, versions: number): void {
    const id = this.uuid();
    // One event for a graph: so many versions would have more, but the number of events is another measure.
    const key = this.event(owner.key, 200, id, versions);
    const created_at = this.time();
    const place = { user_key: owner.key, graph_key: key };
    this.insert('version_texts', { ...place, version: 1, seq: key, title, description: null });
    let config = Buffer.alloc(0);
    for (let version = 1; version <= versions; version += 1) {
      config = Buffer.from(`{"nodes":[{"id":"${version}","name":"${title}"}],"edges":[]}`);
      const { frame } = encode(config, null);
      const ids = { userKey: owner.key, userId: uuidText(owner.id), graphKey: key, graphId: uuidText(id) };
      this.insert('versions', {
        ...{
          ...place,
          version,
          base_version: null,
          change: version === 1 ? 0 : 1,
          status: 0,
          text_version: 1,
        },
        ...{
          created_at: created_at + version,
          valid_until: null,
          label: null,
          pinned: 0,
          restored_from: null,
        },
        ...{ config_bytes: config.length, seq: key, config_sha256: sha256(config) },
        frame: sealFrame(owner.dataKey, ids, version, null, frame),
      });
    }
    this.insert('graphs', {
      ...{
        user_key: owner.key,
        key,
        id,
        version: versions,
        status: 0,
        text_version: 1,
        seq: key,
        created_at,
      },
      ...{ updated_at: created_at + versions, deleted_at: null, purge_at: null, prune_due_at: null },
      ...{ config_bytes: config.length, anchor_version: versions, anchors: 7, since_anchor: 0 },
      ...{ config_sha256: sha256(config), title, title_folded: title.toLowerCase(), description: null },
      head: Buffer.alloc(0),
    });
  }

  private event(
    user_key: number | null,
    action: number,
    subject_id: Buffer | null,
    version: number | null,
  ): number {
    this.seq += 1;
    this.insert('journal', {
      ...{
        seq: this.seq,
        at: this.time(),
        user_key: user_key ?? this.seq,
        actor_key: user_key,
        action,
        subject_id,
      },
      ...{ version, request_id: randomBytes(16), ip: '192.0.2.1', details: null },
    });
    return this.seq;
  }

  /** Later for each event, within the last year. */
  private time(): number {
    return this.now - 360 * DAY_MS + (this.seq - FIRST_SEQ) * 100;
  }

  private uuid(): Buffer {
    const id = randomBytes(16);
    id.writeUIntBE(this.time(), 0, 6);
    id[6] = 0x70 | (id[6]! & 15);
    id[8] = 0x80 | (id[8]! & 63);
    return id;
  }

  private insert(table: string, row: Record<string, unknown>): void {
    const names = Object.keys(row);
    this.run(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
      row,
    );
  }

  private run(sql: string, row: Record<string, unknown>): void {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)));
    statement.run(row);
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
