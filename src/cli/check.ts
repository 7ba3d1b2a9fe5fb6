import '../from-bundle';
import 'reflect-metadata';
import { GraphCheckService, type CheckProgress } from '../graphs/graph-check.service';
import { Keyring } from '../platform/crypto/keyring';
import { UsageError } from './run-main';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run check
  Reads back every version of every graph and compares it with its hash. Changes nothing; the service may run.
  Exit code 0: everything is as it was written. 1: damage was found, each line names a graph and a version.`;

/** Graphs between two lines of progress. */
const REPORT_EVERY = 100;

runTool(USAGE, (tool, args) => {
  if (args.length > 0) throw new UsageError();
  return check(tool);
});

async function check(tool: Tool): Promise<number> {
  // With a wrong key every graph would look damaged.
  await tool.app.get(Keyring).check();
  let last: CheckProgress = { graphs: 0, versions: 0, bytes: 0, damaged: 0 };
  const follow = (progress: CheckProgress) => {
    last = progress;
    if (progress.graphs % REPORT_EVERY === 0) tool.say(`… ${describe(progress)}`);
  };
  for await (const { graphId, damage } of tool.app.get(GraphCheckService).run(follow, tool.signal)) {
    for (const { version, reason } of damage)
      tool.say(`DAMAGED graph ${graphId} ${version === null ? '' : `version ${version} `}${reason}`);
  }
  tool.say(`${tool.signal.aborted ? 'Stopped: ' : ''}${describe(last)}`);
  return last.damaged > 0 || tool.signal.aborted ? 1 : 0;
}

function describe({ graphs, versions, bytes, damaged }: CheckProgress): string {
  return `${graphs} graphs, ${versions} versions, ${(bytes / 1e6).toFixed(1)} MB read back, ${damaged} graphs damaged`;
}
