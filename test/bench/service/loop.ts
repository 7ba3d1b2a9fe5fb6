import { setTimeout as sleep } from 'node:timers/promises';
import { graphBody } from '../../../scripts/http-session';
import { against, table } from '../figures';
import { withFolder } from '../folder';
import { Connection, requestBytes } from '../http/connection';
import { series } from '../http/documents';
import { type Lane, type RoundFigures, round } from '../http/load';
import { type Options, profiling } from '../options';
import { ProbedService } from './probed-service';

const LARGE = { bytes: 9_000_000, connections: 2, edits: 4 };
const SMALL = { bytes: 10_000, connections: 16, edits: 16 };
const TARGET_MS = 50;
const WARM_UP_MS = 3_000;
/** Long enough for dozens of large documents. */
const ROUND_MS = 15_000;

/** How late the service's event loop is while documents of 9 MB are written and small ones at the same time. */
export async function benchLoop(options: Options): Promise<void> {
  await withFolder(async (folder) => {
    const service = await ProbedService.start(folder, profiling(options));
    try {
      const small = await lanes(service, SMALL);
      const large = await lanes(service, LARGE);
      await round(small, WARM_UP_MS);
      await round(large, WARM_UP_MS);
      const lines = [
        ['event loop', 'max ms', 'small /s', 'p50 ms', 'p99 ms', 'large /s', 'p50 ms', 'p99 ms'],
      ];
      await service.reading();
      lines.push(await line(service, 'idle: the machine alone', [], ROUND_MS / 3));
      lines.push(await line(service, 'small only', [small], ROUND_MS / 3));
      for (let turn = 1; turn <= Math.min(options.rounds, 3); turn += 1)
        lines.push(await line(service, `with 9 MB, ${turn}`, [small, large], ROUND_MS));
      console.log(table(lines));
      for (const { connection } of [...small, ...large]) connection.close();
    } finally {
      await service.stop();
    }
  });
}

async function line(service: ProbedService, name: string, sets: Lane[][], ms: number): Promise<string[]> {
  const figures = await Promise.all(sets.map((set) => round(set, ms)));
  if (sets.length === 0) await sleep(ms);
  const { maxDelayMs } = await service.reading();
  return [name, against(maxDelayMs, '<', TARGET_MS, '', 0), ...figures.flatMap((each) => cells(each))];
}

function cells({ perSecond, p50, p99 }: RoundFigures): string[] {
  return [perSecond, p50, p99].map((value) => value.toFixed(1));
}

async function lanes(service: ProbedService, kind: typeof LARGE): Promise<Lane[]> {
  const made: Lane[] = [];
  for (let seed = 1; seed <= kind.connections; seed += 1) {
    const configs = series(kind.bytes, kind.edits, seed);
    const body = await service.send(
      'POST',
      '/api/v1/graphs',
      graphBody('Bench', configs[0] as Buffer),
      [201],
    );
    const id = /"id":"([^"]+)"/.exec(body.toString('utf8', 0, 200))?.[1];
    const token = service.session.accessToken;
    const turns = [...configs.slice(1), ...configs.slice(0, -1).reverse()];
    const requests = turns.map((config) =>
      requestBytes('PUT', `/api/v1/graphs/${id}`, token, graphBody('Bench', config)),
    );
    made.push({ connection: await Connection.open(service.child.url), requests, next: 0 });
  }
  return made;
}
