import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createService, type Service } from '../../../src/app.setup';
import { AccountsService } from '../../../src/auth/accounts.service';
import { VersionsService } from '../../../src/versions/versions.service';
import { GraphHistoryService } from '../../../src/graphs/graph-history.service';
import { GraphUpkeepService } from '../../../src/graphs/upkeep/graph-upkeep.service';
import { GraphsService } from '../../../src/graphs/graphs.service';
import type { Caller } from '../../../src/platform/access/caller';
import { AppConfig } from '../../../src/platform/config/app-config';
import { uuidText } from '../../../src/platform/ids/uuid';
import type { Times } from '../figures';

const ORIGIN = { requestId: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11', ip: '127.0.0.1' };

/** What a database file holds at a moment, bytes. */
export interface Sizes {
  /** The frames of all versions as plain zstd, without nonce and tag. */
  frames: number;
  /** Rows of versions and their texts as stored, seals and columns included. */
  rows: number;
  /** Pages in use by anything. */
  file: number;
}

/** The real service in this process, on a real SQLite file with real migrations; calls go to its use cases. */
export class StoredGraphs {
  private constructor(
    private readonly service: Service,
    private readonly file: string,
    private readonly caller: Caller,
  ) {}

  static async open(folder: string): Promise<StoredGraphs> {
    const file = join(folder, 'bench.db');
    const settings = { DATA_DIR: folder, DATABASE_URL: `sqlite:///${file}`, LOG_LEVEL: 'error' };
    const service = await createService(AppConfig.from(settings));
    const accounts = service.app.get(AccountsService);
    const account = { email: 'bench@example.org', password: 'a password of the bench' };
    const user = await accounts.register(account, ORIGIN);
    const caller = { key: user.key, id: uuidText(user.id), role: 'user', origin: ORIGIN } as Caller;
    return new StoredGraphs(service, file, caller);
  }

  /** Stores a history as one graph; each write durable before the next. The graph's id. */
  async ingest(
    name: string,
    revisions: AsyncIterable<Buffer>,
    times: Times,
    hashes: string[],
  ): Promise<string> {
    const graphs = this.service.app.get(GraphsService);
    let id: string | undefined;
    for await (const config of revisions) {
      const known: string | undefined = id;
      const graph = await times.takeAsync(() =>
        known === undefined
          ? graphs.create(this.caller, { title: name, config })
          : graphs.update(this.caller, known, { config }),
      );
      id = graph.id;
      hashes[graph.version - 1] = sha256(config);
    }
    return id as string;
  }

  /** Reads every version once; throws when one is not what was stored. */
  async readAll(id: string, hashes: readonly string[], times: Times): Promise<void> {
    const { ref } = await this.service.app.get(GraphHistoryService).requireUndeleted(this.caller, id);
    const versions = this.service.app.get(VersionsService);
    for (const [at, hash] of hashes.entries()) {
      const config = await times.takeAsync(() => versions.readConfig(ref, at + 1));
      if (!config || sha256(config) !== hash) throw new Error(`Version ${at + 1} is not what was stored.`);
    }
  }

  /** Packs a graph as tightly as the idle job will. */
  async repack(id: string): Promise<void> {
    const owner = { userKey: this.caller.key, userId: this.caller.id, graphId: id };
    const upkeep = this.service.app.get(GraphUpkeepService);
    const lease = { guard: () => Promise.resolve() };
    for (let after: number | null = 0; after !== null;) {
      const step: { next: number | null } = await upkeep.repack(owner, { after, upTo: Infinity }, lease);
      after = step.next;
    }
  }

  /** Measured over a connection of its own, which sees what is committed. */
  sizes(): Sizes {
    const database = new Database(this.file, { readonly: true });
    const one = (sql: string) => Number(Object.values(database.prepare(sql).get() as object)[0] ?? 0);
    const sizes = {
      frames: one('SELECT SUM(octet_length(frame) - 28) FROM versions'),
      rows: one("SELECT SUM(payload) FROM dbstat WHERE name IN ('versions', 'version_texts')"),
      file: (one('PRAGMA page_count') - one('PRAGMA freelist_count')) * one('PRAGMA page_size'),
    };
    database.close();
    return sizes;
  }

  close(): Promise<void> {
    return this.service.close();
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
