import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Injectable } from '@nestjs/common';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import type { RowBlock } from './domain/row-block';
import { NightReadsStore } from './night-reads.store';
import { ScratchStore } from './scratch.store';
import { readStoredGraph } from './stored-graph';
import { VaultDamage } from './vault-reader';
import { VaultStore } from './vault.store';

/** Compares graphs from the copies with the database. */
@Injectable()
export class GraphComparison {
  private readonly scratch = new ScratchStore();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly masterKeys: MasterKeySource,
    private readonly reads: NightReadsStore,
  ) {}

  /**
   * Decodes every version of a graph as the vault has it, and compares it with the database. Returns how many versions
   * were compared; undefined if the graph or its owner's key was deleted since it was chosen. `upTo`: the number of the
   * journal up to which the copies go. Throws VaultDamage for the first version that differs.
   */
  async compare(
    scratch: UnitOfWork,
    wrapped: UserKeyRow | undefined,
    place: { user_key: number; graph_key: number },
    upTo: number,
  ): Promise<number | undefined> {
    const facts = await this.unitOfWork.read((em) => this.store.facts(em, place.user_key, place.graph_key));
    if (facts.length === 0 || !wrapped || wrapped.destroyed_at !== null) return undefined;
    const id = await scratch.read((em) => this.scratch.graphId(em, place));
    const fail = (reason: string): never => {
      throw new VaultDamage(id ? `graph ${uuidText(id)}` : `graph number ${place.graph_key}`, reason);
    };
    if (!id) return fail('it is not in the copies');
    const master = this.masterKeys.find(wrapped.master_id);
    if (!master) return fail("its owner's key is wrapped by a master key that is not available");
    const hashes = new Map<number, Buffer | undefined>();
    for await (const { version, error, sha256 } of readStoredGraph(scratch, { place, id, master, wrapped })) {
      if (error) fail(`version ${version} does not read back: ${error.reason}`);
      hashes.set(version, sha256);
      await yieldToEventLoop();
    }
    const copied = facts.filter(({ seq }) => seq <= upTo);
    for (const { version, config_sha256 } of copied)
      if (!hashes.get(version)?.equals(config_sha256))
        fail(`version ${version} is not in the copies, or another one`);
    return copied.length;
  }

  /**
   * Compares rows of versions from a segment (its name is `object`) with the database, byte for byte. Returns how many
   * were compared: rows that the database has changed or removed since are in a later segment. Throws VaultDamage.
   */
  async compareRows(object: string, rows: RowBlock['rows']): Promise<number> {
    let compared = 0;
    for (const { user_key, graph_key, version, seq, frame } of rows) {
      const kept = await this.unitOfWork.read((em) =>
        this.reads.frame(em, user_key as number, graph_key as number, version as number),
      );
      if (!kept || kept.seq !== seq) continue;
      if (!kept.frame.equals(frame as Buffer))
        throw new VaultDamage(
          object,
          `version ${String(version)} of graph number ${String(graph_key)} differs`,
        );
      compared += 1;
    }
    return compared;
  }
}
