import { Injectable } from '@nestjs/common';
import { VersionCheckService, type Damage, type GraphCheckResult } from '../versions/version-check.service';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import type { GraphRow } from './domain/graph.entity';
import { headOf, refOf } from './graph-reader.service';
import { GraphsStore } from './graphs.store';

/** A graph with damaged or missing data. */
export interface DamagedGraph {
  graphId: string;
  userKey: number;
  damage: Damage[];
}

/** Progress of a check. */
export interface CheckProgress {
  graphs: number;
  versions: number;
  /** Bytes of the configs that were read back. */
  bytes: number;
  damaged: number;
}

/** Rows of graphs in memory at a time. */
const BATCH = 20;

/** Reads back all stored data of all users but deleted ones. Changes nothing and can run next to the service. */
@Injectable()
export class GraphCheckService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionCheckService,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Yields each damaged graph as it is found. Calls `onProgress` after each graph. Ends early when `signal` is
   * aborted.
   */
  async *run(
    onProgress: (progress: CheckProgress) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<DamagedGraph> {
    const progress = { graphs: 0, versions: 0, bytes: 0, damaged: 0 };
    for await (const row of this.graphs(signal)) {
      const checked = await this.check(row);
      if (!checked) continue;
      const { versions, bytes, damage } = checked;
      progress.graphs += 1;
      progress.versions += versions;
      progress.bytes += bytes;
      progress.damaged += damage.length > 0 ? 1 : 0;
      if (damage.length > 0) yield { graphId: uuidText(row.id), userKey: row.user_key, damage };
      onProgress(progress);
    }
  }

  /** Undefined for a graph of a deleted account, which cannot be read and whose rows will be removed. */
  private async check(row: GraphRow): Promise<GraphCheckResult | undefined> {
    const owner = await this.unitOfWork.read((em) => this.keyring.row(em, row.user_key));
    if (!owner)
      return { versions: 0, bytes: 0, damage: [{ version: null, reason: "the user's data key is missing" }] };
    if (owner.destroyed_at !== null) return undefined;
    return this.versions.check(refOf(row, uuidText(owner.user_id)), headOf(row));
  }

  private async *graphs(signal?: AbortSignal): AsyncGenerator<GraphRow> {
    for (let after = { user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.ofAllUsers(em, after, BATCH));
      for (const row of rows) {
        if (signal?.aborted) return;
        yield row;
      }
      const last = rows.at(-1);
      if (!last) return;
      after = { user_key: last.user_key, key: last.key };
    }
  }
}
