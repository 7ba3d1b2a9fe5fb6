import '../from-bundle';
import 'reflect-metadata';
import { toIso } from '../platform/clock/instant';
import { JobRunner } from '../platform/jobs/job-runner';
import type { HeldPolicy, RetentionPlan } from '../retention/retention-planner';
import { RetentionService, type RetentionRun } from '../retention/retention.service';
import { UsageError } from './run-main';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run retention -- [--dry-run] [--force]
  Purges graphs whose time in the trash is over, prunes versions by the policies, and frees the space.
  The service may run meanwhile.
  --dry-run  only report what would be done, graph by graph
  --force    also apply changed policies that would remove more than half of all versions or a hundred
             times the usual number, and accept a clock that is more than a day ahead of when it was last
             known to be right`;
const OPTIONS = ['--dry-run', '--force'];

runTool(USAGE, async (tool, args) => {
  if (args.some((arg) => !OPTIONS.includes(arg))) throw new UsageError();
  tool.signal.addEventListener('abort', () => void tool.app.get(JobRunner).drain());
  const request = { dryRun: args.includes('--dry-run'), force: args.includes('--force'), caller: null };
  const run = await tool.app.get(RetentionService).runToEnd(request);
  if (request.dryRun && run.plan) sayPlan(tool, run.plan);
  return request.dryRun && run.plan ? 0 : sayRun(tool, run);
});

function sayPlan(tool: Tool, plan: RetentionPlan): void {
  const { purges, prunes } = plan;
  const held = new Set(plan.held.map(({ key }) => key));
  for (const { graphId, action, versions, bytes, policies } of plan.graphs) {
    const waits = policies.some((policy) => held.has(policy)) ? '  (held)' : '';
    tool.say(`${action} graph ${graphId}  ${versions} versions, ${bytes} bytes${waits}`);
  }
  const more = purges.graphs + prunes.graphs - plan.graphs.length;
  if (more > 0) tool.say(`… and ${more} more graphs`);
  for (const id of plan.failed) tool.say(`CANNOT READ graph ${id}: nothing would be removed from it`);
  tool.say(
    `At ${toIso(plan.at)}: ${purges.graphs} graphs to purge with ${purges.versions} versions, ` +
      `${prunes.versions} versions to prune from ${prunes.graphs} graphs, ${purges.bytes + prunes.bytes} bytes in total.`,
  );
  for (const policy of plan.held) sayHeld(tool, policy, plan.brake);
}

function sayHeld(tool: Tool, { level, id, versions }: HeldPolicy, brake: string | null): void {
  const name = id === null ? 'The default policy' : `The policy of ${level} ${id}`;
  tool.say(`${name} changed and would remove ${versions} versions (${brake}): held unless you use --force.`);
}

/** Exit code 0: done; 1: held, stopped, incomplete, failed or interrupted. */
function sayRun(tool: Tool, { status, error, counts }: RetentionRun): number {
  if (counts?.stopped && status === 'stopped')
    tool.say(
      `Stopped before anything was removed: ${counts.stopped}. The running service continues by itself after one hour ` +
        'in which the clock runs steadily. To continue at once, check the time of this machine, then use --force.',
    );
  if (counts && status !== 'stopped')
    tool.say(
      `${counts.graphs_purged} graphs purged with ${counts.versions_purged} versions, ${counts.versions_pruned} versions pruned ` +
        `from ${counts.graphs_pruned} graphs, ${counts.graphs_repacked} graphs packed (${counts.repacked_bytes} bytes saved), ` +
        `${counts.disk_bytes} bytes returned to the file system, ${counts.keys_expired} idempotency keys removed.`,
    );
  if (counts?.held)
    tool.say(
      `HELD ${counts.versions_held} versions of changed policies (${counts.held_because}): ${counts.held}. ` +
        'Review them with --dry-run, then use --force.',
    );
  if (counts?.failed)
    tool.say(
      `SKIPPED ${counts.graphs_failed} graphs, among them ${counts.failed}; "npm run check" names what is damaged.`,
    );
  if (status !== 'done') tool.say(`The run is ${status}${error === null ? '' : `: ${error}`}.`);
  return status === 'done' ? 0 : 1;
}
