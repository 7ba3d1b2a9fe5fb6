import { Injectable } from '@nestjs/common';
import { VersionCheckService, type Damage } from '../versions/version-check.service';
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

/** Reads back all stored data of all users. Changes nothing and can run next to the service. */
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
      const { versions, bytes, damage } = await this.check(row);
      progress.graphs += 1;
      progress.versions += versions;
      progress.bytes += bytes;
      progress.damaged += damage.length > 0 ? 1 : 0;
      if (damage.length > 0) yield { graphId: uuidText(row.id), userKey: row.user_key, damage };
      onProgress(progress);
    }
  }

  private async check(row: GraphRow) {
    const owner = await this.keyring.userId(row.user_key);
    if (!owner)
      return { versions: 0, bytes: 0, damage: [{ version: null, reason: "the user's data key is missing" }] };
    return this.versions.check(refOf(row, uuidText(owner)), headOf(row));
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
