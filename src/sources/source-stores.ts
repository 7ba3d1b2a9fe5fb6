import { Injectable } from '@nestjs/common';
import { SourceItemsStore } from './source-items.store';
import { SourceRunsStore } from './source-runs.store';
import { SourceUsers } from './source-users';
import { SourcesStore } from './sources.store';

/** The stores of sources, and what is remembered of them, as one dependency. */
@Injectable()
export class SourceStores {
  constructor(
    readonly sources: SourcesStore,
    readonly items: SourceItemsStore,
    readonly runs: SourceRunsStore,
    readonly users: SourceUsers,
  ) {}
}
