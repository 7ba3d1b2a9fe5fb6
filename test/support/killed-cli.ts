import { startCli } from './cli';
import type { TestPlace } from './database';
import { KILLABLE } from './killed';
import { PATIENCE_MS, within } from './within';

/** Right before the n-th step from the first that has this text on; see killed-at.cjs. */
export type KillPlace = readonly [from: string, nth: number];

/** Runs a compiled tool as `spawnCli` does, and kills it with SIGKILL. Throws if it ended before it got there. */
export async function killCli(
  name: string,
  args: string[],
  place: TestPlace,
  [from, nth]: KillPlace,
): Promise<void> {
  const environment = {
    NODE_OPTIONS: KILLABLE.join(' '),
    KILLED_FROM: from,
    KILLED_AT: String(nth),
    KILLED_FILES: place.dataDir,
  };
  const tool = startCli(name, args, place, () => undefined, environment);
  const { code, output } = await within(PATIENCE_MS, `the kill of ${name} at ${from}`, tool.ended);
  if (code !== null) throw new Error(`${name} ended with ${code} before ${nth} × ${from}: ${output}`);
}
