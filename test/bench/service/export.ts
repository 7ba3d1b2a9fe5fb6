import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startChild, type ChildService } from '../../../scripts/child-service';
import { table } from '../figures';
import type { Options } from '../options';
import { withFolder } from '../folder';

/** The account that the issue of exports names: 10,000 graphs and 1 GB. */
const GRAPHS = 10_000;
const CONFIG_BYTES = 100_000;
/** The versions of the one graph that is exported as git history: 500 MB. */
const VERSIONS = 5_000;
/** Graphs that are written at the same time. */
const AT_ONCE = 8;
const SAMPLE_MS = 50;
const MIB = 1024 * 1024;
const EMAIL = 'bench@test.example';
const PASSWORD = 'a password of benches';

/**
 * Exports an account of 10,000 graphs and 1 GB as zip, from the delivered build on SQLite that was just started: how long it takes, how much
 * memory the process needs at most, and how soon it stops when the client goes away. Then gives one graph many versions
 * and exports it in each format. `--scale` reduces the graphs and the versions.
 */
export async function benchExport({ scale }: Options): Promise<void> {
  const graphs = Math.round(GRAPHS * scale);
  const versions = Math.round(VERSIONS * scale);
  await withFolder(async (folder) => {
    const start = () =>
      startChild({
        DATA_DIR: folder,
        DATABASE_URL: `sqlite:///${join(folder, 'bench.db')}`,
        BACKUP_CRON: '0 0 1 1 *',
        RETENTION_CRON: '0 0 1 1 *',
      });
    const filling = await start();
    const token = await fill(filling, graphs).finally(() => filling.stop());
    // A service that has just stored the account keeps memory of that, which says nothing about exports.
    const service = await start();
    try {
      await measure(service, graphs, token);
      await measureGraph(service, versions, token);
    } finally {
      await service.stop();
    }
  });
}

async function fill({ url }: ChildService, graphs: number): Promise<string> {
  const json = { 'content-type': 'application/json' };
  const credentials = JSON.stringify({ email: EMAIL, password: PASSWORD });
  await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers: json, body: credentials });
  const signedIn = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: json,
    body: credentials,
  });
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const headers = { ...json, authorization: `Bearer ${access_token}` };
  let next = 0;
  const writer = async () => {
    while (next < graphs) {
      const body = bodyOf((next += 1));
      const made = await fetch(`${url}/api/v1/graphs`, { method: 'POST', headers, body });
      if (made.status !== 201) throw new Error(`A graph was not stored: ${made.status}`);
      await made.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  return access_token;
}

/** A graph of nodes that compress about as well as real ones. */
function bodyOf(number: number): string {
  const nodes: string[] = [];
  for (let length = 0, n = 0; length < CONFIG_BYTES; n += 1) {
    const node = `{"id":"${number}-${n}","x":${(n * 7919) % 4001},"y":${(n * 104729) % 3001},"text":"${Math.sin(number * n)}"}`;
    length += node.length + 1;
    nodes.push(node);
  }
  return `{"title":"Bench ${number}","config":{"nodes":[${nodes.join(',')}]}}`;
}

async function measure(service: ChildService, graphs: number, token: string): Promise<void> {
  const before = memoryOf(service);
  const whole = await exported(service, token, Infinity);
  const stopped = await exported(service, token, 8 * MIB);
  const idleAfter = await idle(service);
  console.log(
    table([
      [`export of ${graphs} graphs of 100 kB`, 'zip, MiB', 's', 'memory before, at most, MiB'],
      ['whole', mib(whole.bytes), seconds(whole.ms), `${mib(before)}, ${mib(whole.memory)}`],
      [
        'stopped by the client',
        mib(stopped.bytes),
        seconds(stopped.ms),
        `${mib(before)}, ${mib(stopped.memory)}`,
      ],
    ]),
  );
  console.log(`The process was idle ${seconds(idleAfter)} s after the client had gone.`);
}

async function measureGraph(service: ChildService, versions: number, token: string): Promise<void> {
  const path = await fillGraph(service, versions, token);
  const rows: string[][] = [];
  for (const format of ['git', 'zip', 'json']) {
    const before = memoryOf(service);
    const { bytes, ms, memory } = await exported(service, token, Infinity, `${path}/export?format=${format}`);
    rows.push([format, mib(bytes), seconds(ms), `${mib(before)}, ${mib(memory)}`]);
  }
  console.log(
    table([
      [`export of a graph with ${versions} versions`, 'MiB', 's', 'memory before, at most, MiB'],
      ...rows,
    ]),
  );
}

/** Writes a graph with so many versions, each unlike the others; returns its path. */
async function fillGraph({ url }: ChildService, versions: number, token: string): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const made = await fetch(`${url}/api/v1/graphs`, { method: 'POST', headers, body: bodyOf(1) });
  const path = `/api/v1/graphs/${((await made.json()) as { id: string }).id}`;
  for (let number = 2; number <= versions; number += 1) {
    const changed = await fetch(`${url}${path}`, { method: 'PUT', headers, body: bodyOf(number) });
    if (changed.status !== 200) throw new Error(`A version was not stored: ${changed.status}`);
    await changed.arrayBuffer();
  }
  return path;
}

const mib = (bytes: number) => String(Math.round(bytes / MIB));
const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** Reads an export up to a number of bytes, then goes away. */
async function exported(service: ChildService, token: string, upTo: number, path = '/api/v1/export') {
  const begun = performance.now();
  let memory = memoryOf(service);
  const sampling = setInterval(() => (memory = Math.max(memory, memoryOf(service))), SAMPLE_MS);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    sent.on('response', resolve).on('error', reject).end();
  });
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes >= upTo) break;
    }
  } finally {
    clearInterval(sampling);
  }
  return { bytes, memory, ms: performance.now() - begun };
}

/** How long the process still computes, ms: until a second in which it takes less than a tenth of a core. */
async function idle(service: ChildService): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const [cpu, at] = [cpuOf(service), performance.now()];
    await wait(1_000);
    if (cpuOf(service) - cpu < (performance.now() - at) / 10) return at - begun;
  }
}

const procFile = ({ process: { pid } }: ChildService, name: string) =>
  readFileSync(`/proc/${pid}/${name}`, 'utf8');

/** Resident memory of the process, bytes. */
function memoryOf(service: ChildService): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(procFile(service, 'status'))![1]) * 1024;
}

/** Processor time of the process, ms; Linux counts it in hundredths of a second. */
function cpuOf(service: ChildService): number {
  const fields = procFile(service, 'stat').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
