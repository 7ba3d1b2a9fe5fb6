import type { EntityManager } from 'typeorm';
import type { JournalService } from '../audit/journal.service';
import type { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { KeyringStore } from '../platform/crypto/keyring.store';
import { open } from '../platform/crypto/sealed-box';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { OperatorError } from '../platform/errors/operator-error';
import { uuidText } from '../platform/ids/uuid';
import { NO_USAGE, type UsageCounts } from '../usage/domain/usage-counts';
import { UsageStore } from '../usage/usage.store';
import type { Row } from './domain/row-block';
import { GRAPHS, GraphRestoreStore, ON_GRAPH, type RestorableGraph } from './graph-restore.store';
import { RebuildStore } from './rebuild.store';
import type { MasterKeyFinder } from './vault-reader';

/** What happened to one graph. */
export interface RestoredGraph {
  id: string;
  versions: number;
  /** `restored`; or why nothing was done: it `exists`, or is in the `trash`, from where it can be recovered. */
  outcome: 'restored' | 'exists' | 'trash';
}

/** The databases between which graphs are restored. */
export interface RestoreSource {
  /** Built from the copies; has the data of one user. */
  copies: EntityManager;
  /** The user's key in the copies. */
  wrapped: UserKeyRow;
  /** The time of the copies, ms since the epoch. */
  asOf: number;
}

/** Restores graphs of one user from the copies into the database of the running service. */
export class GraphRestore {
  private readonly store = new GraphRestoreStore();
  private readonly keys = new KeyringStore();
  private readonly rows = new RebuildStore();
  private readonly usage = new UsageStore();

  constructor(
    private readonly service: UnitOfWork,
    private readonly masters: MasterKeyFinder,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** The account that graphs are restored to. Throws an OperatorError if there is none, or it was deleted. */
  async account(email: string): Promise<{ key: number; id: Buffer }> {
    const found = await this.service.read((em) => this.store.account(em, email.toLowerCase()));
    if (!found)
      throw new OperatorError(
        'The service has no account with that e-mail address. The data of a deleted account cannot be restored: its key was destroyed.',
      );
    return found;
  }

  /** The graphs of the account in the copies; with `graphId`, only that one. */
  async candidates({ copies }: RestoreSource, userKey: number, graphId?: string): Promise<RestorableGraph[]> {
    const all = await this.store.candidates(copies, userKey);
    return graphId === undefined ? all : all.filter(({ id }) => uuidText(id) === graphId);
  }

  /**
   * Restores a graph with all versions, titles, labels and its policy, in one transaction, under its own UUID; it is not in
   * the trash afterwards. An existing graph is not changed. With `dryRun` nothing is written.
   */
  async restore(
    source: RestoreSource,
    account: { key: number; id: Buffer },
    graph: RestorableGraph,
    dryRun: boolean,
  ): Promise<RestoredGraph> {
    const result = { id: uuidText(graph.id), versions: graph.versions };
    const write = async (em: EntityManager): Promise<RestoredGraph> => {
      const there = await this.store.graph(em, account.key, graph.id);
      if (there) return { ...result, outcome: there.deleted_at === null ? 'exists' : 'trash' };
      if (!dryRun) await this.write(em, source, account.key, graph);
      return { ...result, outcome: 'restored' };
    };
    return dryRun ? this.service.read(write) : this.service.write(write);
  }

  /** Throws an OperatorError unless the account's key in the service is the one that the copies were sealed with. */
  async requireSameKey({ wrapped }: RestoreSource, account: { key: number; id: Buffer }): Promise<void> {
    const row = await this.service.read((em) => this.keys.find(em, account.key));
    const same = row?.user_id.equals(wrapped.user_id) === true && this.plain(row).equals(this.plain(wrapped));
    if (!same)
      throw new OperatorError(
        'The account in the service is another one than the one in the copies: it was registered again with the same e-mail address. ' +
          'Rebuild the copies into a database of their own (npm run vault -- rebuild --user …) and get the graphs from there.',
      );
  }

  private plain({ master_id, wrapped, user_id }: UserKeyRow): Buffer {
    const master = this.masters.find(master_id);
    if (!master) throw new OperatorError(`The master key ${master_id.toString('hex')} is not available.`);
    return open(master, wrapped, user_id);
  }

  private async write(
    em: EntityManager,
    { copies, asOf }: RestoreSource,
    userKey: number,
    graph: RestorableGraph,
  ): Promise<void> {
    const seq = await this.journal.append(em, {
      action: 'graph.restored_from_backup',
      at: this.clock.now(),
      userKey,
      actorKey: null,
      subjectId: uuidText(graph.id),
      details: { versions: graph.versions, as_of: toIso(asOf) },
    });
    // The number of the event is the graph's new short key: the old one may be another graph's by now.
    const place = { user_key: userKey, graph_key: seq, seq };
    const counts: UsageCounts = { ...NO_USAGE, graphs: 1 };
    for (const table of ON_GRAPH) {
      for await (const rows of this.store.pages(copies, table, userKey, graph.key)) {
        await this.rows.load(em, { ...table, rows: rows.map((row) => ({ ...row, ...place })) });
        if (table.table === 'versions') add(counts, rows);
      }
    }
    const row = (await this.store.graphRow(copies, userKey, graph.key))!;
    counts.head_bytes = (row['head'] as Buffer).length;
    const live = { deleted_at: null, purge_at: null, prune_due_at: null };
    await this.rows.load(em, { ...GRAPHS, rows: [{ ...row, ...live, user_key: userKey, key: seq, seq }] });
    await this.usage.add(em, userKey, seq, counts);
  }
}

function add(counts: UsageCounts, rows: readonly Row[]): void {
  counts.versions += rows.length;
  for (const row of rows) {
    counts.config_bytes += row['config_bytes'] as number;
    counts.frame_bytes += (row['frame'] as Buffer).length;
  }
}
