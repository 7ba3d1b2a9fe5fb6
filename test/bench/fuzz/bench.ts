import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpSession, graphBody } from '../../../scripts/http-session';
import { rawRequest } from '../../support/raw-http';
import type { OpenApiDocument } from '../../support/openapi';
import { RandomRequests, type RandomRequest } from '../../support/random-requests';
import { withFolder } from '../folder';
import type { Options } from '../options';
import { ProbedService } from '../service/probed-service';

const CONNECTIONS = 16;
const SLOW_MS = 5_000;
const GRAPHS = 20;
/** Memory that a service may hold more than after the first tenth of the requests, bytes. */
const GROWTH_BYTES = 150_000_000;

/**
 * Sends random requests over the OpenAPI document: methods, ids, headers, queries, bodies, tokens, hostile graphs of
 * every dialect. Throws for a 5xx other than 503, an answer that takes over 5 s, and memory that is not returned.
 */
export async function benchFuzz({ requests, seed }: Options): Promise<void> {
  await withFolder(async (folder) => {
    const service = await ProbedService.start(folder);
    try {
      await fuzz(service, requests, seed);
    } finally {
      await service.stop();
    }
  });
}

async function fuzz(service: ProbedService, requests: number, seed: number): Promise<void> {
  const { url, process: child } = service.child;
  const ids: string[] = [];
  for (let at = 0; at < GRAPHS; at += 1) {
    const { body } = await service.session.send(
      'POST',
      '/api/v1/graphs',
      graphBody(`Graph ${at}`, '{"a":1}'),
    );
    ids.push((JSON.parse(body.toString()) as { id: string }).id);
  }
  const other = new HttpSession(url, 1);
  await other.signIn('other@example.org', 'a password of the bench');
  const document = (await service.session.send('GET', '/docs/openapi.json')).body.toString();
  const facts = {
    document: JSON.parse(document) as OpenApiDocument,
    ids,
    tokens: [service.session.accessToken, other.accessToken],
  };
  const random = new RandomRequests(facts, seed);
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let slowest = 0;
  let left = requests;
  let early = 0;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const request = random.next();
      const begun = performance.now();
      const status = await rawRequest(url, request).then(
        (answer) => answer.status,
        (error: unknown) => void faults.push(`${described(request)}: ${String(error)}`),
      );
      const ms = performance.now() - begun;
      slowest = Math.max(slowest, ms);
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if ((status ?? 0) >= 500 && status !== 503) faults.push(`${described(request)}: ${status}`);
      if (ms > SLOW_MS) faults.push(`${described(request)}: ${ms.toFixed(0)} ms`);
      if (early === 0 && left < requests * 0.9) early = rssOf(child.pid!);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  await sleep(2_000);
  const grown = rssOf(child.pid!) - early;
  other.close();
  console.log(
    `${requests} requests with seed ${seed}: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`,
  );
  console.log(`slowest ${slowest.toFixed(0)} ms, memory ${(early / 2 ** 20).toFixed(0)} MiB after a tenth, ${(grown / 2 ** 20).toFixed(0)} MiB more at the end`); // prettier-ignore
  for (const fault of faults.slice(0, 20)) console.log(fault);
  if (faults.length > 0) throw new Error(`${faults.length} requests were not answered as they have to be.`);
  if (grown > GROWTH_BYTES) throw new Error('Memory was not returned.');
}

const described = ({ method, path, body }: RandomRequest) =>
  `${method} ${path} ${body?.toString().slice(0, 300) ?? ''}`;

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
