import { Injectable } from '@nestjs/common';
import type { GraphSource } from '../graphs/domain/graph-source';
import { OnGraphsRead } from '../graphs/on-graphs-read.decorator';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { kindName } from './domain/source-kind';
import { itemState } from './domain/source-state';
import { SourceStores } from './source-stores';

const NO_SOURCES: ReadonlyMap<string, GraphSource> = new Map();

/** Tells which source fills a graph. */
@Injectable()
export class GraphSourcesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: SourceStores,
  ) {}

  /** The sources of the given graphs of the caller, by graph id; removed sources fill nothing. */
  @OnGraphsRead()
  async of({ key }: Caller, graphIds: readonly string[]): Promise<ReadonlyMap<string, GraphSource>> {
    const { sources, items, users } = this.stores;
    if (users.hasNone(key)) return NO_SOURCES;
    const ids = graphIds.map(uuidBytes);
    const rows = await this.unitOfWork.read(async (em) => {
      const found = await items.ofGraphs(em, key, ids);
      if (found.length === 0 && (await sources.count(em, key)) === 0) users.foundNone(key);
      return found;
    });
    return new Map(
      rows.map((row) => [
        uuidText(row.graph_id!),
        {
          id: uuidText(row.source_id),
          kind: kindName(row.source_kind),
          remoteId: row.remote_id,
          state: itemState(row),
          secrets: row.secrets,
        },
      ]),
    );
  }
}
