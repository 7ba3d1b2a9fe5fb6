import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import { ConcurrentChangeError } from '../graphs/domain/concurrent-change.error';
import type { GraphRow } from '../graphs/domain/graph.entity';
import { refOf } from '../graphs/graph-reader.service';
import type { GraphEdit } from '../graphs/graph-writer.service';
import { GraphsStore } from '../graphs/graphs.store';
import { TrashRetentionService } from '../graphs/trash-retention.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidTime } from '../platform/ids/uuid';
import { VersionsService, changeOf, type ListedVersion } from '../versions/versions.service';
import type { RecoveryEntry, RecoveryRequest } from './domain/recovery';
import { decideRecovery, unreachable, type PastVersion, type RecoveryDecision } from './domain/recovery-plan';

/** Rows of graphs in memory at a time. */
const BATCH = 50;
/** Graphs that are decided in one turn of their user: some milliseconds. */
const DECIDED_AT_ONCE = 5;

/** A graph's row with what is to be done with it. */
export interface DecidedGraph {
  row: GraphRow;
  decision: RecoveryDecision;
}

/** Decides for each graph of an account what a recovery does with it. Reads only. */
@Injectable()
export class RecoveryPlanner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphsStore,
    private readonly versions: VersionsService,
    private readonly journal: JournalService,
    private readonly trash: TrashRetentionService,
    private readonly clock: Clock,
  ) {}

  /** A time for all changes of a recovery, ms since the epoch: after each graph's last one, so that it can be undone. */
  async timeAfterAll(caller: Caller): Promise<number> {
    const newest = await this.unitOfWork.read((em) => this.graphs.lastChange(em, caller.key));
    return Math.max(this.clock.now(), newest + 1);
  }

  /** Each graph's row with what is to be done with it, a few graphs at a time. */
  async *decisions(caller: Caller, request: RecoveryRequest): AsyncGenerator<DecidedGraph[]> {
    let decided: DecidedGraph[] = [];
    for await (const row of this.rows(caller, request.graphIds)) {
      decided.push({ row, decision: await this.decide(caller, row, request.at) });
      if (decided.length < DECIDED_AT_ONCE) continue;
      yield decided;
      decided = [];
    }
    yield decided;
  }

  private async decide(caller: Caller, row: GraphRow, time: number): Promise<RecoveryDecision> {
    if (row.purge_at !== null && row.purge_at <= this.clock.now())
      return unreachable('its time in the trash is over', null);
    const ref = refOf(row, caller.id);
    const version = await this.versions.findAt(ref, time);
    const oldest = version ? row.created_at : ((await this.versions.oldest(ref)) ?? row.created_at);
    const past = version ? pastOf(row, version, await this.versions.nextAt(ref, version.version)) : null;
    return decideRecovery(
      time,
      { deleted: row.deleted_at !== null, version: row.version, createdAt: row.created_at },
      past,
      oldest,
    );
  }

  private async *rows(caller: Caller, graphIds: readonly string[] | null): AsyncGenerator<GraphRow> {
    if (graphIds) {
      for (const id of new Set(graphIds.map((text) => text.toLowerCase()))) {
        const row = await this.unitOfWork.read((em) => this.graphs.find(em, caller.key, uuidBytes(id)));
        if (row) yield row;
      }
      return;
    }
    for (let after = -1; ;) {
      const rows = await this.unitOfWork.read((em) => this.graphs.ofUser(em, caller.key, after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last.key;
    }
  }

  /** Graphs that existed at that time and were purged since, and requested ids that are not graphs of the caller. */
  async unreachableGraphs(caller: Caller, { at, graphIds }: RecoveryRequest): Promise<RecoveryEntry[]> {
    const purged = await this.unitOfWork.read((em) =>
      this.journal.subjectsSince(em, caller.key, 'graph.purged', at),
    );
    const there = purged.filter((id) => uuidTime(id) <= at);
    const entry = (graphId: string, reason: string): RecoveryEntry => ({
      ...unreachable(reason, null),
      graphId,
      title: null,
    });
    if (!graphIds) {
      const gone: RecoveryEntry[] = [];
      // One that was restored from the copies since is there again.
      for (const id of there)
        if (!(await this.unitOfWork.read((em) => this.graphs.find(em, caller.key, uuidBytes(id)))))
          gone.push(entry(id, 'it was purged'));
      return gone;
    }
    const found: RecoveryEntry[] = [];
    for (const id of new Set(graphIds.map((text) => text.toLowerCase()))) {
      const row = await this.unitOfWork.read((em) => this.graphs.find(em, caller.key, uuidBytes(id)));
      if (!row) found.push(entry(id, there.includes(id) ? 'it was purged' : 'the graph does not exist'));
    }
    return found;
  }

  /** The edit that carries out a decision at `at` (ms since the epoch); null if nothing is to be written. */
  async editFor(
    caller: Caller,
    row: GraphRow,
    { action, version }: RecoveryDecision,
    at: number,
  ): Promise<GraphEdit | null> {
    if (action === 'unchanged' || action === 'unreachable') return null;
    if (action === 'delete') {
      const purgeAt = at + (await this.trash.keptFor(caller.key, row.key));
      return { change: 'deleted', deletedAt: at, purgeAt };
    }
    const ref = refOf(row, caller.id);
    const past = version === null ? undefined : await this.versions.find(ref, version);
    const config = past && (await this.versions.readConfig(ref, past.version));
    if (!past || !config) throw new ConcurrentChangeError();
    const { title, description, status } = past;
    return {
      change: 'restored',
      title,
      description,
      status,
      config: { bytes: config, sha256: past.config_sha256 },
      deletedAt: null,
      purgeAt: null,
      restoredFrom: past.version,
    };
  }
}

function pastOf(row: GraphRow, version: ListedVersion, nextAt: number | null): PastVersion {
  return {
    version: version.version,
    deleted: changeOf(version) === 'deleted',
    sameAsPresent:
      version.config_sha256.equals(row.config_sha256) &&
      version.title === row.title &&
      version.description === row.description &&
      version.status === row.status,
    validUntil: version.valid_until,
    nextAt,
  };
}
