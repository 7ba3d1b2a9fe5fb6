import { setTimeout as sleep } from 'node:timers/promises';
import { graphBody } from '../../../scripts/http-session';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { ProbedService } from './probed-service';

const GRAPHS = 10_000;
const CONFIG_BYTES = 5_000;
const AT_ONCE = 16;
const MIB = 1024 * 1024;

/** A whole account of 10,000 graphs, each changed since, goes back to a moment. */
export async function benchRecovery(): Promise<void> {
  await withFolder(async (folder) => {
    const service = await ProbedService.start(folder);
    try {
      await service.reading();
      const before = await fill(service);
      await report(service, `${GRAPHS} graphs made and changed`, () => Promise.resolve(''));
      const body = (dryRun: boolean) => Buffer.from(JSON.stringify({ at: before, dry_run: dryRun }));
      for (const dryRun of [true, false]) {
        await report(service, dryRun ? 'preview' : 'recovery', async () =>
          outcome(await service.send('POST', '/api/v1/recovery', body(dryRun))),
        );
      }
    } finally {
      await service.stop();
    }
  });
}

/** Makes the graphs and changes each; a time between the two. */
async function fill(service: ProbedService): Promise<string> {
  const [old, present] = series(CONFIG_BYTES, 2, 1) as [Buffer, Buffer];
  const ids: string[] = [];
  await inTurns(async () => {
    const made = await service.send('POST', '/api/v1/graphs', graphBody('Bench', old), [201]);
    const { id, updated_at } = JSON.parse(made.toString()) as { id: string; updated_at: string };
    ids.push(id);
    return updated_at;
  });
  // The last one's time, in ms, must lie before the first change.
  await sleep(20);
  const last = JSON.parse((await service.send('GET', '/api/v1/graphs?limit=1')).toString()) as [
    { created_at: string },
  ];
  await inTurns((at) => service.send('PUT', `/api/v1/graphs/${ids[at]}`, graphBody('Bench', present)));
  return last[0].created_at;
}

async function inTurns(work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < GRAPHS; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function report(service: ProbedService, name: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now();
  const said = await work();
  const seconds = (performance.now() - start) / 1000;
  const { maxDelayMs, peakBytes } = await service.reading();
  const took = said === '' ? '' : `${seconds.toFixed(1)} s, ${said}, `;
  console.log(
    `${name}: ${took}peak memory ${(peakBytes / MIB).toFixed(0)} MiB, event loop late by ${maxDelayMs.toFixed(0)} ms at most`,
  );
}

function outcome(answer: Buffer): string {
  const { graphs } = JSON.parse(answer.toString()) as { graphs: { action: string }[] };
  const restored = graphs.filter(({ action }) => action === 'restore').length;
  return `${restored} of ${graphs.length} graphs to restore`;
}
