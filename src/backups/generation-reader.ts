import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { AppConfig } from '../platform/config/app-config';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { Databases } from '../platform/database/databases';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { ObjectStore } from '../platform/objects/object-store';
import type { Generation } from './domain/generations';
import type { VerificationRow } from './domain/vault.entity';
import { GraphComparison } from './graph-comparison';
import { RebuildStore } from './rebuild.store';
import { VaultFindings } from './vault-findings';
import { loadScratch, onlyGraphs } from './vault-loader';
import { allKeys, readChain, readLineageKey } from './vault-reader';

/**
 * Reads generations of copies back. Adds to the counts of a verification's record while it reads, so that the record
 * of a failed one says how far it got.
 */
@Injectable()
export class GenerationReader {
  private readonly rebuildStore = new RebuildStore();

  constructor(
    private readonly objects: ObjectStore,
    private readonly databases: Databases,
    private readonly masterKeys: MasterKeySource,
    private readonly config: AppConfig,
    private readonly findings: VaultFindings,
    private readonly comparison: GraphComparison,
  ) {}

  /** The key that encrypts the segments of a lineage. */
  lineageKey(lineage: string): Promise<Buffer> {
    return readLineageKey(this.objects, lineage, this.masterKeys);
  }

  /**
   * Loads graphs (graph key → user key) from a generation into an empty database, decodes them and compares them with
   * the service's database. Returns the number of segments. Throws VaultDamage.
   */
  async compare(
    generation: Generation,
    lineageKey: Buffer,
    graphs: ReadonlyMap<number, number>,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<number> {
    const keys = await allKeys(this.objects, generation.lineage, signal);
    const begun = performance.now();
    return this.inScratch(record, async (scratch) => {
      const segments = readChain(this.objects, generation.places, lineageKey, signal);
      const filter = onlyGraphs(new Set(graphs.keys()));
      const read = await loadScratch(segments, scratch, this.rebuildStore, filter);
      record.recovery_ms = Math.round(performance.now() - begun);
      Object.assign(record, { objects: read.objects, bytes: read.bytes });
      this.findings.recall(read);
      for (const [graphKey, userKey] of graphs) {
        signal.throwIfAborted();
        const place = { user_key: userKey, graph_key: graphKey };
        const versions = await this.comparison.compare(scratch, keys.get(userKey), place, read.to);
        if (versions === undefined) continue;
        record.graphs += 1;
        record.versions += versions;
      }
      return read.objects;
    });
  }

  /**
   * Reads the segments of a generation that follow others, and compares their versions with the database. `after`: the
   * hash of the segment before them. Throws VaultDamage.
   */
  async compareNew(
    places: Generation['places'],
    after: string | null,
    lineageKey: Buffer,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const segment of readChain(this.objects, places, lineageKey, signal, after)) {
      for await (const block of segment.blocks()) {
        signal.throwIfAborted();
        if ('rows' in block && block.rows.table === 'versions')
          record.versions += await this.comparison.compareRows(segment.listed.name, block.rows.rows);
        await yieldToEventLoop();
      }
      record.objects += 1;
      record.bytes += segment.listed.bytes;
      const { seal, at } = segment.header;
      this.findings.recall({ seal, at });
    }
  }

  /** Reads all segments of a generation and decodes nothing. Throws VaultDamage. */
  async readWhole(
    places: Generation['places'],
    lineageKey: Buffer,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const segment of readChain(this.objects, places, lineageKey, signal)) {
      for await (const _block of segment.blocks()) {
        signal.throwIfAborted();
        await yieldToEventLoop();
      }
      record.objects += 1;
      record.bytes += segment.listed.bytes;
    }
  }

  private inScratch<T>(record: VerificationRow, work: (unitOfWork: UnitOfWork) => Promise<T>): Promise<T> {
    // One name for each of the two jobs: the next run removes what a killed one left, and the jobs don't share a file.
    const name = record.after_copy === 1 ? 'verify-after-copy.db' : 'verify.db';
    const file = join(this.config.get('DATA_DIR'), 'scratch', name);
    return this.databases.scratch(file, ({ unitOfWork }) => work(unitOfWork));
  }
}
