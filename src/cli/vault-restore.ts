import { GraphRestore, type RestoredGraph, type RestoreSource } from '../backups/graph-restore';
import type { Rebuild, RebuildProgress } from '../backups/rebuild';
import { RebuildError, type RebuildOptions, type RebuildPlan } from '../backups/rebuild-plan';
import { refuseUnfinishedRebuild } from '../backups/start-check';
import type { JournalService } from '../audit/journal.service';
import { databaseSchema } from '../database-schema';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import type { AppConfig } from '../platform/config/app-config';
import type { MasterKeyFinder } from '../backups/vault-reader';
import { openForTool } from '../platform/database/open-for-tool';
import type { Databases } from '../platform/database/databases';
import type { UnitOfWork } from '../platform/database/unit-of-work';

/** Options of `vault restore`. */
export interface RestoreRequest {
  options: RebuildOptions & { user: string };
  /** Only the graph with this id. */
  graph: string | undefined;
  dryRun: boolean;
}

/** What it works with. */
export interface RestoreParts {
  config: AppConfig;
  databases: Databases;
  rebuild: Rebuild;
  masters: MasterKeyFinder;
  journal: JournalService;
  /** Where the copies are loaded; the file is removed afterwards. */
  scratch: string;
  signal: AbortSignal;
  say: (line: string) => void;
  follow: (progress: RebuildProgress) => void;
}

/** Restores graphs of one user from the copies into the service's database. Returns the exit code. */
export async function restoreGraphs(parts: RestoreParts, request: RestoreRequest): Promise<number> {
  const service = await openForTool(parts.config.database, databaseSchema);
  try {
    await refuseUnfinishedRebuild(parts.config, parts.databases);
    return await restoreInto(service, parts, request);
  } finally {
    await service.close();
  }
}

async function restoreInto(
  service: UnitOfWork,
  parts: RestoreParts,
  request: RestoreRequest,
): Promise<number> {
  const { rebuild, databases, masters, journal, scratch, signal, follow } = parts;
  const restore = new GraphRestore(service, masters, journal, new Clock());
  const account = await restore.account(request.options.user);
  const plan = await planOf(rebuild, request);
  parts.say(`Reading the copies as of ${toIso(plan.asOf)} (generation ${plan.generation.number}).`);
  const wrapped = (await rebuild.keysOf(plan)).get(account.key);
  if (!wrapped) throw new RebuildError('The copies have no key of this account.');
  return databases.inScratchFile(scratch, async (file) => {
    const target = { kind: 'sqlite', file } as const;
    const loaded = await rebuild.run(plan, target, request.options, follow, signal);
    if (!loaded) return stopped(parts);
    return databases.inspect(target, async (copies) => {
      const source: RestoreSource = { copies, wrapped, asOf: plan.asOf };
      await restore.requireSameKey(source, account);
      const graphs = await restore.candidates(source, account.key, request.graph);
      let restored = 0;
      for (const graph of graphs) {
        if (signal.aborted) return stopped(parts);
        const result = await restore.restore(source, account, graph, request.dryRun);
        sayGraph(parts, result, request.dryRun);
        if (result.outcome === 'restored') restored += 1;
      }
      if (graphs.length === 0)
        parts.say(
          'The copies have no graph of this account as of this time. Try an earlier time with --at, or name the graph with --graph.',
        );
      return restored === 0 ? 1 : 0;
    });
  });
}

function planOf(rebuild: Rebuild, { options, graph }: RestoreRequest): Promise<RebuildPlan> {
  return graph !== undefined && options.at === null
    ? rebuild.planForGraph(options, graph)
    : rebuild.plan(options);
}

function sayGraph({ say }: RestoreParts, { id, versions, outcome }: RestoredGraph, dryRun: boolean): void {
  if (outcome === 'exists') say(`SKIPPED  graph ${id}: the service has it; restore a version of it there.`);
  else if (outcome === 'trash')
    say(`SKIPPED  graph ${id}: it is in the trash; POST /graphs/${id}/recover brings it back.`);
  else say(`${dryRun ? 'WOULD RESTORE' : 'RESTORED'} graph ${id} with ${versions} versions`);
}

function stopped({ say }: RestoreParts): number {
  say('Stopped. What is named above is restored; the same command continues with the rest.');
  return 1;
}
