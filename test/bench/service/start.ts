import { spawnSync } from 'node:child_process';
import { against, median } from '../figures';
import { withFolder } from '../folder';
import { startChild } from '../../../scripts/child-service';

const STARTS = 5;
const TARGET_MS = 2_000;

/** From the start of the process to the line with the address: on an empty folder, and on the one it left. */
export async function benchStart(): Promise<void> {
  const first: number[] = [];
  const again: number[] = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    await withFolder(async (folder) => {
      for (const times of [first, again]) {
        const child = await startChild({ DATA_DIR: folder, LOG_FORMAT: 'json' });
        times.push(child.startedInMs);
        await child.stop();
      }
    });
  }
  console.log(
    `bare Node, for comparison: ${median(Array.from({ length: STARTS }, bareStart)).toFixed(0)} ms`,
  );
  console.log(`on an empty folder, median of ${STARTS}: ${against(median(first), '<', TARGET_MS, ' ms', 0)}`);
  console.log(`on an existing one, median of ${STARTS}: ${against(median(again), '<', TARGET_MS, ' ms', 0)}`);
}

/** What Node itself takes to start and end, ms: how busy the machine is just now. */
function bareStart(): number {
  const begun = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - begun;
}
