import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { Connector, ConnectorSession, RemoteGraph } from './connectors/connector';
import { RemoteGoneError } from './connectors/connector-errors';
import { titleOf } from './domain/remote-title';
import type { SourceItemRow } from './domain/source-item.entity';
import { GraphIntakeService } from './graph-intake.service';
import type { PushTarget } from './push-targets.service';
import { SourceItemsStore } from './source-items.store';

/** Reads and stores the states of a tool around a push. */
@Injectable()
export class PushIntakeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly items: SourceItemsStore,
    private readonly intake: GraphIntakeService,
  ) {}

  /** The graph as it is at the tool; null if it does not exist there. */
  async read(session: ConnectorSession, { item }: PushTarget): Promise<RemoteGraph | null> {
    try {
      return await session.read({ remoteId: item.remote_id });
    } catch (error) {
      if (error instanceof RemoteGoneError) return null;
      throw error;
    }
  }

  /** Whether the tool has another state than the one that was stored last. A graph that is gone has no state to lose. */
  hasDrifted({ item, connector }: PushTarget, present: RemoteGraph | null): boolean {
    if (!present || item.fingerprint === null) return present !== null;
    return !connector.fingerprint(present.config).equals(item.fingerprint);
  }

  /** Whether a state of the tool is the pushed version. */
  isSame({ config, connector }: PushTarget, graph: RemoteGraph): boolean {
    const fingerprint = (document: Buffer) =>
      connector.pushedFingerprint?.(document) ?? connector.fingerprint(document);
    return fingerprint(graph.config).equals(fingerprint(config));
  }

  /** Stores a state of the tool as the graph's newest version, unless it is that already. */
  async store(caller: Caller, item: SourceItemRow, connector: Connector, graph: RemoteGraph): Promise<void> {
    const [row] = await this.unitOfWork.read((em) => this.items.some(em, item, [item.remote_id]));
    const known = row ?? item;
    const fingerprint = connector.fingerprint(graph.config);
    if (known.fingerprint?.equals(fingerprint)) return;
    const found = { missed: 0, gone_since: null, failure: null, remote_changed_at: graph.changedAt };
    const title = titleOf(graph.title, item.remote_id);
    await this.intake.store({
      caller,
      item: { ...known, ...found, title, fingerprint, signal: null },
      graph,
      titleBefore: known.title,
    });
  }

  /** Reads the graph after a push and stores what is there; a graph that had to be created has another id. */
  async readBack(
    session: ConnectorSession,
    caller: Caller,
    target: PushTarget,
    remoteId: string,
    failure: unknown,
  ): Promise<RemoteGraph | null> {
    const item = remoteId === target.item.remote_id ? target.item : await this.moveTo(target.item, remoteId);
    try {
      const after = await this.read(session, { ...target, item });
      if (after) await this.store(caller, item, target.connector, after);
      return after;
    } catch (error) {
      // The first failure is the one to tell.
      if (failure !== undefined) return null;
      throw error;
    }
  }

  /** Links the graph to its new id; the old one keeps a row without a graph. */
  private async moveTo(item: SourceItemRow, remoteId: string): Promise<SourceItemRow> {
    const moved = {
      ...item,
      remote_id: remoteId,
      signal: null,
      fingerprint: null,
      missed: 0,
      gone_since: null,
    };
    await this.unitOfWork.write(async (em) => {
      await this.items.put(em, { ...item, graph_id: null, fingerprint: null, signal: null });
      await this.items.put(em, moved);
    });
    return moved;
  }
}
