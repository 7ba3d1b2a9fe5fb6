import { graphBody } from '../../../scripts/http-session';
import { against, table } from '../figures';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { ProbedService } from '../service/probed-service';

const DIFF_TARGET_MS = 3_000;
const DELAY_TARGET_MS = 50;

/** Differences of large documents as a client gets them, and how late the service's event loop is meanwhile. */
export async function measureLargePairs(): Promise<void> {
  await withFolder(async (folder) => {
    const service = await ProbedService.start(folder);
    const pairs: [string, Buffer[]][] = [
      ['5 MB', series(5_000_000, 2, 1)],
      ['100,000 nodes', [manyNodes(0), manyNodes(1)]],
    ];
    const lines = [['difference', 'MB', 'ms', 'event loop late, ms', 'status']];
    try {
      for (const [name, [from, to]] of pairs)
        lines.push(await measure(service, name, from as Buffer, to as Buffer));
    } finally {
      await service.stop();
    }
    console.log(table(lines));
  });
}

async function measure(service: ProbedService, name: string, from: Buffer, to: Buffer): Promise<string[]> {
  const made = await service.send('POST', '/api/v1/graphs', graphBody('Bench', from), [201]);
  const id = /"id":"([^"]+)"/.exec(made.toString('utf8', 0, 200))?.[1];
  await service.send('PUT', `/api/v1/graphs/${id}`, graphBody('Bench', to));
  await service.reading();
  const start = performance.now();
  const { status } = await service.session.send('GET', `/api/v1/graphs/${id}/diff`);
  const ms = performance.now() - start;
  const { maxDelayMs } = await service.reading();
  const delay = against(maxDelayMs, '<', DELAY_TARGET_MS, '', 0);
  const size = (from.length / 1e6).toFixed(1);
  return [name, size, against(ms, '<', DIFF_TARGET_MS, '', 0), delay, String(status)];
}

/** A React Flow document of 100,000 small nodes; with `edit`, every thousandth is moved or renamed. */
function manyNodes(edit: number): Buffer {
  const nodes = Array.from({ length: 100_000 }, (_, at) => ({
    id: `n${at}`,
    type: 'step',
    position: { x: at % 1000, y: Math.floor(at / 1000) + (at % 1000 === 0 ? edit : 0) },
    data: { label: at % 1000 === 500 ? `Step ${at} ${edit}` : `Step ${at}` },
  }));
  const edges = nodes.slice(1).map(({ id }, at) => ({ id: `e${at}`, source: `n${at}`, target: id }));
  return Buffer.from(JSON.stringify({ nodes, edges }));
}
