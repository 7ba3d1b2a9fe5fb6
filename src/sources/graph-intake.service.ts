import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConcurrentChangeError } from '../graphs/domain/concurrent-change.error';
import type { Graph } from '../graphs/domain/graph';
import { statusCode } from '../graphs/domain/graph-content';
import type { GraphRow } from '../graphs/domain/graph.entity';
import { GraphQueue } from '../graphs/graph-queue';
import { GraphWriterService, type GraphEdit } from '../graphs/graph-writer.service';
import { TrashService } from '../graphs/trash.service';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { VersionsService, type Config } from '../versions/versions.service';
import type { PastGraph, RemoteGraph } from './connectors/connector';
import { titleOf } from './domain/remote-title';
import type { SourceItemRow } from './domain/source-item.entity';
import { SourceItemsStore } from './source-items.store';

/** What became of a remote state. `ignored`: the graph here is in the trash, or was purged. */
export type IntakeOutcome = 'created' | 'changed' | 'unchanged' | 'ignored';

/** A state of a remote graph that is to be stored. `item` is its row as it will be, except for what the graph decides. */
export interface Intake {
  caller: Caller;
  item: SourceItemRow;
  graph: RemoteGraph;
  /** The title at the tool as it was stored last; a title that a person has given here stays until it changes there. */
  titleBefore: string | null;
  /** Whether the writes may wait a moment for others; see `WriteOptions`. */
  patient?: boolean;
}

/** Writes what sources bring: each state is a version, in the same transaction as the item's row. */
@Injectable()
export class GraphIntakeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly items: SourceItemsStore,
    private readonly queue: GraphQueue,
    private readonly writer: GraphWriterService,
    private readonly versions: VersionsService,
    private readonly trash: TrashService,
  ) {}

  /** Stores a state as a new version, or creates the graph. */
  async store(intake: Intake): Promise<IntakeOutcome> {
    if (intake.item.graph_id === null) return this.create(intake);
    return this.update(intake, uuidText(intake.item.graph_id));
  }

  /** Creates the graph of an item. */
  async create(intake: Intake): Promise<'created'> {
    await this.createFrom(intake, intake.graph);
    return 'created';
  }

  /**
   * Stores an earlier state as the next version of the graph, or creates the graph with it; returns the graph's id. A
   * graph that is in the trash, or was purged, stays as it is.
   */
  async importPast(intake: Intake, past: PastGraph): Promise<Buffer> {
    const { graph_id: graphId } = intake.item;
    if (graphId === null) return this.createFrom(intake, past, Math.min(past.changedAt, this.writer.now));
    await this.addPast(intake, uuidText(graphId), past);
    return graphId;
  }

  private async createFrom(
    { caller, item, patient = false }: Intake,
    graph: RemoteGraph,
    importedAt?: number,
  ): Promise<Buffer> {
    const { description, status = 'active', config } = graph;
    const digest = await this.versions.digest(config, caller.id);
    const after = async (em: EntityManager, row: GraphRow) => {
      const linked = { ...item, seq: row.seq, graph_id: row.id, ...this.stored(digest) };
      if (!(await this.items.link(em, linked))) throw new ConcurrentChangeError();
    };
    const content = { title: titleOf(graph.title, item.remote_id), description, status, config };
    const time = importedAt !== undefined && { change: 'imported' as const, at: importedAt };
    const { id } = await this.writer.create(caller, content, { after, patient, ...time });
    return uuidBytes(id);
  }

  private async addPast(
    { caller, item, patient = false }: Intake,
    graphId: string,
    past: PastGraph,
  ): Promise<void> {
    const config = await this.versions.digest(past.config, caller.id);
    const title = titleOf(past.title, item.remote_id);
    const write = async (row: GraphRow): Promise<true> => {
      if (row.deleted_at !== null) return true;
      const at = Math.min(Math.max(past.changedAt, row.updated_at), this.writer.now);
      const edit = { change: 'imported' as const, title, config, patient };
      await this.writer.write(caller, row, edit, at, (em, written) =>
        this.items.put(em, { ...item, seq: written.seq, ...this.stored(config) }),
      );
      return true;
    };
    await this.queue.exclusively(caller, graphId, write).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /** Notes an item without a new version. */
  async note(item: SourceItemRow, patient = false): Promise<void> {
    await this.unitOfWork.write((em) => this.items.put(em, item), { patient });
  }

  /**
   * Notes a state whose content is stored already. A publication at the tool changes the status alone: that is a version
   * too, unless the graph was changed here since the source wrote it.
   */
  async noteSame(intake: Intake): Promise<IntakeOutcome> {
    const { caller, item, graph, patient = false } = intake;
    if (graph.status === undefined || item.graph_id === null) {
      await this.note(item, patient);
      return 'unchanged';
    }
    const status = statusCode(graph.status);
    const write = async (row: GraphRow): Promise<IntakeOutcome> => {
      if (row.seq !== item.seq || row.status === status) {
        await this.note(item, patient);
        return 'unchanged';
      }
      await this.writer.write(caller, row, { change: 'updated', status, patient }, undefined, (em, written) =>
        this.items.put(em, { ...item, stored_at: this.writer.now, seq: written.seq }),
      );
      return 'changed';
    };
    return this.queue
      .exclusively(caller, uuidText(item.graph_id), write)
      .catch(async (error: unknown): Promise<IntakeOutcome> => {
        if (!isNotFound(error)) throw error;
        await this.note(item, patient);
        return 'unchanged';
      });
  }

  /** Moves the graph of a gone item to the trash. False if it is there already, or is no more. */
  async moveToTrash(caller: Caller, item: SourceItemRow): Promise<boolean> {
    try {
      const { deletedAt } = await this.trash.remove(caller, uuidText(item.graph_id!));
      await this.note({ ...item, trashed_at: deletedAt });
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return false;
    }
  }

  private async update(intake: Intake, graphId: string): Promise<IntakeOutcome> {
    const config = await this.versions.digest(intake.graph.config, intake.caller.id);
    try {
      await this.recoverOwn(intake, graphId);
      return await this.queue.exclusively(intake.caller, graphId, (row) => this.write(intake, row, config));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.note(intake.item);
      return 'ignored';
    }
  }

  /** A graph that this source moved to the trash comes back when it is found at the tool again. */
  private async recoverOwn({ caller, item }: Intake, graphId: string): Promise<void> {
    if (item.trashed_at === null) return;
    await this.trash.recover(caller, graphId).catch((error: unknown): Graph | null => {
      if (error instanceof AppError && error.code === 'not-deleted') return null;
      throw error;
    });
  }

  private async write(intake: Intake, row: GraphRow, config: Config): Promise<IntakeOutcome> {
    const { caller, item } = intake;
    if (row.deleted_at !== null) {
      // Without a fingerprint, it is stored as soon as the graph is recovered.
      await this.note({ ...item, fingerprint: null });
      return 'ignored';
    }
    const edit = editOf(intake, row, config);
    const stored = { ...item, trashed_at: null, ...this.stored(config) };
    if (!edit) {
      await this.note(stored, intake.patient);
      return 'unchanged';
    }
    await this.writer.write(caller, row, edit, undefined, (em, written) =>
      this.items.put(em, { ...stored, seq: written.seq }),
    );
    return 'changed';
  }

  private stored({ sha256 }: Config): Pick<SourceItemRow, 'config_sha256' | 'stored_at'> {
    return { config_sha256: sha256, stored_at: this.writer.now };
  }
}

function editOf(
  { item, graph, titleBefore, patient = false }: Intake,
  row: GraphRow,
  config: Config,
): GraphEdit | null {
  const remoteTitle = titleOf(graph.title, item.remote_id);
  const title = remoteTitle === titleBefore ? row.title : remoteTitle;
  const description = graph.description === undefined ? row.description : graph.description;
  const status = graph.status === undefined ? row.status : statusCode(graph.status);
  const isSame =
    config.sha256.equals(row.config_sha256) &&
    title === row.title &&
    description === row.description &&
    status === row.status;
  return isSame ? null : { change: 'updated', title, description, status, config, patient };
}

function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'not_found';
}
