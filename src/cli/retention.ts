import 'reflect-metadata';
import { toIso } from '../platform/clock/instant';
import { JobRunner } from '../platform/jobs/job-runner';
import type { RetentionPlan } from '../retention/retention-planner';
import { RetentionService, type RetentionRun } from '../retention/retention.service';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run retention -- [--dry-run] [--force]
  Purges graphs whose time in the bin is over, prunes versions by the policies, and gives the room back.
  The service may run meanwhile.
  --dry-run  only say what would be done, graph by graph
  --force    run although it would remove more than half of all versions or a hundred times the usual
             number, or although the clock is a day ahead of when it was last seen to be right`;
const OPTIONS = ['--dry-run', '--force'];

runTool(async (tool, args) => {
  if (args.some((arg) => !OPTIONS.includes(arg))) {
    tool.say(USAGE);
    return 2;
  }
  tool.signal.addEventListener('abort', () => void tool.app.get(JobRunner).drain());
  const wish = { dryRun: args.includes('--dry-run'), force: args.includes('--force'), caller: null };
  const run = await tool.app.get(RetentionService).runToEnd(wish);
  if (wish.dryRun && run.plan) sayPlan(tool, run.plan);
  return wish.dryRun && run.plan ? 0 : sayRun(tool, run);
});

function sayPlan(tool: Tool, plan: RetentionPlan): void {
  for (const { graphId, action, versions, bytes } of plan.graphs)
    tool.say(`${action} graph ${graphId}  ${versions} versions, ${bytes} bytes`);
  const listed = plan.graphs.length;
  const total = plan.graphsToPurge + plan.graphsToPrune;
  if (total > listed) tool.say(`… and ${total - listed} graphs more`);
  for (const id of plan.failed) tool.say(`CANNOT READ graph ${id}; nothing of it would go`);
  tool.say(
    `By ${toIso(plan.at)}: ${plan.graphsToPurge} graphs to purge with ${plan.versionsToPurge} versions, ` +
      `${plan.versionsToPrune} versions to prune of ${plan.graphsToPrune} graphs, ${plan.bytes} bytes in all.`,
  );
  if (plan.brake) tool.say(`A run would stop (${plan.brake}) unless it is forced: --force.`);
}

/** Exit code 0: done; 1: stopped, incomplete, failed or interrupted. */
function sayRun(tool: Tool, { status, error, counts }: RetentionRun): number {
  if (counts?.stopped && status === 'stopped')
    tool.say(`Stopped before anything was removed: ${counts.stopped}. Look at --dry-run, then use --force.`);
  if (counts && status !== 'stopped')
    tool.say(
      `${counts.graphs_purged} graphs purged with ${counts.versions_purged} versions, ${counts.versions_pruned} versions pruned ` +
        `of ${counts.graphs_pruned} graphs, ${counts.graphs_repacked} graphs packed (${counts.repacked_bytes} bytes saved), ` +
        `${counts.disk_bytes} bytes given back to the disk, ${counts.keys_expired} keys forgotten.`,
    );
  if (counts?.failed)
    tool.say(
      `PASSED OVER ${counts.graphs_failed} graphs, among them ${counts.failed}; npm run check names what is damaged.`,
    );
  if (status !== 'done') tool.say(`The run is ${status}${error === null ? '' : `: ${error}`}.`);
  return status === 'done' ? 0 : 1;
}
