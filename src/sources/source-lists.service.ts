import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { encodeCursor, type Page } from '../platform/http/pagination';
import type { SourceRunRow } from './domain/source-run.entity';
import type { ItemWithGraph } from './domain/source-state';
import { SourceStores } from './source-stores';
import { SourcesService } from './sources.service';

/** Reads the runs and the items of sources. */
@Injectable()
export class SourceListsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: SourceStores,
    private readonly sources: SourcesService,
  ) {}

  /** The newest runs of one of the caller's sources; 404 for any other. */
  async runs(caller: Caller, id: string, part: { limit: number; skip: number }): Promise<Page<SourceRunRow>> {
    const { user_key, key: source_key } = await this.sources.get(caller, id);
    return this.unitOfWork.read(async (em) => ({
      items: await this.stores.runs.list(em, { user_key, source_key }, part),
      total: await this.stores.runs.count(em, { user_key, source_key }),
      next: null,
    }));
  }

  /** The items of one of the caller's sources by remote id; 404 for any other. `after` is the last remote id of the part before. */
  async items(
    caller: Caller,
    id: string,
    part: { limit: number; skip: number; after: string },
  ): Promise<Page<ItemWithGraph>> {
    const { user_key, key: source_key } = await this.sources.get(caller, id);
    const place = { user_key, source_key };
    const [rows, counts] = await this.unitOfWork.read(async (em) => [
      await this.stores.items.listed(em, place, { ...part, limit: part.limit + 1 }),
      await this.stores.items.counts(em, place),
    ]);
    const items = rows.slice(0, part.limit);
    const last = items.at(-1);
    const next = rows.length > part.limit && last ? encodeCursor([last.remote_id]) : null;
    return { items, total: counts.items + counts.gone, next };
  }
}
