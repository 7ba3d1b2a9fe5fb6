import { GraphUpkeepService, type GraphOwner } from '../../src/graphs/upkeep/graph-upkeep.service';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import type { TestApp } from './app';

/** The lease of a caller that nothing can take over. */
export const NO_LEASE = { runNumber: 0, guard: () => Promise.resolve() };

/** Removes versions of a graph as retention does, batch by batch; returns how many were removed. */
export async function pruneVersions(
  app: TestApp,
  owner: GraphOwner,
  versions: readonly number[],
): Promise<number> {
  const upkeep = app.service.app.get(GraphUpkeepService);
  const toRemove = [...versions].sort((a, b) => a - b);
  for (let removed = 0; ;) {
    const ages = await upkeep.ages(owner);
    if (!ages) return removed;
    const prepared = await upkeep.preparePrune(ages, { toRemove, dueAt: null }, 0);
    if (!prepared) continue;
    if (prepared.changes)
      await app.service.app.get(UnitOfWork).write((em) => upkeep.applyPrune(em, prepared));
    removed += prepared.result.removed;
    if (!prepared.result.more) return removed;
  }
}
