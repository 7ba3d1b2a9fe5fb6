import { Injectable } from '@nestjs/common';
import { GraphHistoryService } from '../graphs/graph-history.service';
import type { Caller } from '../platform/access/caller';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import type { Connector } from './connectors/connector';
import { Connectors } from './connectors/connectors';
import { kindName } from './domain/source-kind';
import type { SourceItemRow } from './domain/source-item.entity';
import type { SourceRow } from './domain/source.entity';
import { SourceStores } from './source-stores';

/** A version of a graph, and the place at the tool that it is pushed to. */
export interface PushTarget {
  source: SourceRow;
  item: SourceItemRow;
  connector: Connector;
  version: number;
  title: string;
  config: Buffer;
}

/** Finds where a version is pushed to. */
@Injectable()
export class PushTargetsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: SourceStores,
    private readonly history: GraphHistoryService,
    private readonly connectors: Connectors,
    private readonly config: AppConfig,
  ) {}

  /**
   * The target of a version; of the present one without a number. 404 for a graph that is not the caller's, 422 for one
   * without a source and for a version that was pruned.
   */
  async find(caller: Caller, graphId: string, number?: number): Promise<PushTarget> {
    if (this.config.get('SOURCES') === 'off')
      throw new AppError(
        'forbidden',
        'sources-off',
        'Sources are switched off on this installation (SOURCES).',
      );
    const { row, ref } = await this.history.requireUndeleted(caller, graphId);
    const { source, item } = await this.sourceOf(caller, graphId);
    const past = await this.history.requireKept(ref, number ?? row.version, row.version);
    const config = await this.history.configOf(ref, past);
    const connector = this.connectors.get(kindName(source.kind));
    return { source, item, connector, version: past.version, title: past.title, config };
  }

  /** The newest version that holds what the source stored last, which is what the tool had then; null for none. */
  async storedVersion(caller: Caller, { item: { graph_id } }: PushTarget): Promise<number | null> {
    const graphId = uuidText(graph_id!);
    const { ref } = await this.history.requireUndeleted(caller, graphId);
    const { item } = await this.sourceOf(caller, graphId);
    if (item.config_sha256 === null) return null;
    return (await this.history.newestWith(ref, item.config_sha256)) ?? null;
  }

  private async sourceOf(
    caller: Caller,
    graphId: string,
  ): Promise<{ source: SourceRow; item: SourceItemRow }> {
    const found = await this.unitOfWork.read(async (em) => {
      const items = await this.stores.items.ofGraphs(em, caller.key, [uuidBytes(graphId)]);
      for (const item of items) {
        const source = await this.stores.sources.byKey(em, { user_key: caller.key, key: item.source_key });
        if (source && source.deleted_at === null) return { source, item };
      }
      return undefined;
    });
    if (found) return found;
    throw new AppError(
      'unprocessable',
      'no-source',
      'No source fills this graph, so it cannot be pushed. Connect its tool first.',
    );
  }
}
