import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { toIso } from '../platform/clock/instant';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import type { Databases } from '../platform/database/databases';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import type { ObjectStore } from '../platform/objects/object-store';
import type { Generation, ListedSegment } from './domain/generations';
import { RebuildStore } from './rebuild.store';
import { ScratchStore, type ScratchGraph } from './scratch.store';
import { openSegment } from './segment';
import { readStoredGraph } from './stored-graph';
import { EVERYTHING, loadBlock } from './vault-loader';
import {
  allKeys,
  listGenerations,
  readChain,
  readLineageKey,
  VaultDamage,
  type MasterKeyFinder,
} from './vault-reader';

/** A generation as a list shows it; times are ISO 8601. */
export interface ListedGeneration {
  lineage: string;
  generation: number;
  segments: number;
  bytes: number;
  from: string;
  to: string;
}

/** Examines copies without the database they were made from. */
export class VaultSurvey {
  readonly totals = { objects: 0, bytes: 0, graphs: 0, versions: 0 };
  private readonly store = new RebuildStore();
  private readonly scratch = new ScratchStore();

  constructor(
    private readonly objects: ObjectStore,
    private readonly masters: MasterKeyFinder,
    private readonly databases: Databases,
  ) {}

  /** All generations that can be read, oldest first. */
  async *generations(): AsyncGenerator<ListedGeneration> {
    for (const { lineage, number, places, bytes } of await listGenerations(this.objects)) {
      const from = places.length > 0 ? await this.timeOf(places[0]![0]!) : 'its full segment is missing';
      const to = places.length > 0 ? await this.timeOf(places.at(-1)![0]!) : 'nothing can be read';
      yield { lineage, generation: number, segments: places.length, bytes, from, to };
    }
  }

  /**
   * Reads every segment of every generation, and decodes every version of the newest one of each line. Yields a
   * message for each fault. Throws WrongVaultKeyError and ObjectStoreError.
   */
  async *verify(
    file: string,
    onProgress: (progress: { bytes: number; total: number }) => void,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const all = await listGenerations(this.objects);
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const generation of all) {
      if (signal.aborted) return;
      const newest = !all.some(
        ({ lineage, number }) => lineage === generation.lineage && number > generation.number,
      );
      try {
        yield* this.verifyOne(generation, newest ? file : null, signal);
      } catch (error) {
        if (!(error instanceof VaultDamage)) throw error;
        yield error.message;
      }
      onProgress({ bytes: this.totals.bytes, total });
    }
  }

  private async *verifyOne(
    generation: Generation,
    file: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const { lineage, number, places } = generation;
    const key = await readLineageKey(this.objects, lineage, this.masters);
    if (places.length === 0) yield `lineages/${lineage}, generation ${number}: its full segment is missing`;
    if (file === null) return this.read(places, key, signal);
    const keys = await allKeys(this.objects, lineage, signal);
    const faults: string[] = [];
    await this.databases.scratch(file, async ({ unitOfWork }) => {
      await this.read(places, key, signal, unitOfWork);
      for await (const graph of this.graphs(unitOfWork)) {
        if (signal.aborted) return;
        faults.push(...(await this.decode(unitOfWork, graph, keys.get(graph.user_key))));
      }
    });
    yield* faults;
  }

  private async read(
    places: ListedSegment[][],
    key: Buffer,
    signal: AbortSignal,
    into?: UnitOfWork,
  ): Promise<void> {
    for await (const segment of readChain(this.objects, places, key, signal)) {
      for await (const block of segment.blocks())
        if (into) await loadBlock(into, this.store, block, EVERYTHING);
      this.totals.objects += 1;
      this.totals.bytes += segment.listed.bytes;
    }
  }

  private async *graphs(unitOfWork: UnitOfWork): AsyncGenerator<ScratchGraph> {
    for (let last: ScratchGraph | undefined; ;) {
      const rows = await unitOfWork.read((em) => this.scratch.graphs(em, last));
      last = rows.at(-1);
      if (!last) return;
      yield* rows;
    }
  }

  /** Decodes every version of a graph; returns messages for faults. A graph whose owner's key was destroyed must be unreadable. */
  private async decode(
    unitOfWork: UnitOfWork,
    graph: ScratchGraph,
    wrapped: UserKeyRow | undefined,
  ): Promise<string[]> {
    const master = wrapped && this.masters.find(wrapped.master_id);
    if (!wrapped || wrapped.destroyed_at !== null) return [];
    const graphId = uuidText(graph.id);
    if (!master)
      return [`graph ${graphId}: its owner's key is wrapped by a master key that is not available`];
    const place = { user_key: graph.user_key, graph_key: graph.key };
    const faults: string[] = [];
    for await (const { version, error } of readStoredGraph(unitOfWork, {
      place,
      id: graph.id,
      master,
      wrapped,
    })) {
      if (error) faults.push(`graph ${graphId}: version ${version} does not read back`);
      this.totals.versions += 1;
      await yieldToEventLoop();
    }
    this.totals.graphs += 1;
    return faults;
  }

  private async timeOf({ name }: ListedSegment): Promise<string> {
    try {
      const segment = await openSegment(this.objects.get(name));
      await segment.close();
      return toIso(segment.header.at);
    } catch {
      return 'an unreadable time';
    }
  }
}
