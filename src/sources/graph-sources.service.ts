import { Injectable } from '@nestjs/common';
import type { GraphSource } from '../graphs/domain/graph-source';
import { OnGraphsRead } from '../graphs/on-graphs-read.decorator';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { kindName } from './domain/source-kind';
import { itemState } from './domain/source-state';
import { SourceItemsStore } from './source-items.store';

/** Tells which source fills a graph. */
@Injectable()
export class GraphSourcesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly items: SourceItemsStore,
  ) {}

  /** The sources of the given graphs of the caller, by graph id; removed sources fill nothing. */
  @OnGraphsRead()
  async of({ key }: Caller, graphIds: readonly string[]): Promise<ReadonlyMap<string, GraphSource>> {
    const ids = graphIds.map(uuidBytes);
    const rows = await this.unitOfWork.read((em) => this.items.ofGraphs(em, key, ids));
    return new Map(
      rows.map((row) => [
        uuidText(row.graph_id!),
        {
          id: uuidText(row.source_id),
          kind: kindName(row.source_kind),
          remoteId: row.remote_id,
          state: itemState(row),
        },
      ]),
    );
  }
}
