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
const MIB = 1024 * 1024;
const PASSWORD = 'a password of benches';

/** What the whole process may have in memory during an export, 10^6 bytes. */
const ASKED_MB = 200;

/** What is exported, from a service that was just started, and up to which byte. */
interface Row {
  name: string;
  token: string;
  path: string;
  upTo?: number;
}

/**
 * Exports an account of 10,000 graphs and 1 GB as zip, and a graph with 5,000 versions in each format, from the delivered
 * build on SQLite, each time just started: how long it takes, how much memory the process needs at most, and how soon it
 * stops when the client goes away. `--scale` reduces the graphs and the versions.
 */
export async function benchExport({ scale }: Options): Promise<void> {
  const graphs = Math.round(GRAPHS * scale);
  const versions = Math.round(VERSIONS * scale);
  await withFolder(async (folder) => {
    const start = () =>
      startChild({
        DATA_DIR: folder,
        DATABASE_URL: `sqlite:///${join(folder, 'bench.db')}`,
        ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
        BACKUP_CRON: '0 0 1 1 *',
        RETENTION_CRON: '0 0 1 1 *',
      });
    const rows = await within(await start(), async (service) => {
      const account = await fill(service, graphs);
      return [...rowsOfAccount(graphs, account), ...(await rowsOfGraph(service, versions))];
    });
    const measured: string[][] = [];
    // A service that has just stored all that keeps memory of it, which says nothing about exports.
    for (const row of rows) measured.push(await within(await start(), (service) => measure(service, row)));
    console.log(
      table([
        ['export', 'MiB', 's', 'MB before', `MB at most (asked: under ${ASKED_MB})`, 'idle after, s'],
        ...measured,
      ]),
    );
  });
}

async function within<T>(service: ChildService, work: (service: ChildService) => Promise<T>): Promise<T> {
  try {
    return await work(service);
  } finally {
    await service.stop();
  }
}

function rowsOfAccount(graphs: number, token: string): Row[] {
  const row = { name: `${graphs} graphs of 100 kB, zip`, token, path: '/api/v1/export' };
  return [row, { ...row, name: 'the same, stopped after 8 MiB', upTo: 8 * MIB }];
}

async function rowsOfGraph(service: ChildService, versions: number): Promise<Row[]> {
  const token = await signIn(service, 'versions@test.example');
  const path = await fillGraph(service, versions, token);
  return ['git', 'zip', 'json'].map((format) => ({
    name: `a graph with ${versions} versions, ${format}`,
    token,
    path: `${path}/export?format=${format}`,
  }));
}

async function signIn({ url }: ChildService, email: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email, password: PASSWORD });
  await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers, body });
  const signedIn = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers, body });
  return ((await signedIn.json()) as { access_token: string }).access_token;
}

async function fill(service: ChildService, graphs: number): Promise<string> {
  const token = await signIn(service, 'account@test.example');
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  let next = 0;
  const writer = async () => {
    while (next < graphs) {
      const body = bodyOf((next += 1));
      const made = await fetch(`${service.url}/api/v1/graphs`, { method: 'POST', headers, body });
      if (made.status !== 201) throw new Error(`A graph was not stored: ${made.status}`);
      await made.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  return token;
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

async function measure(
  service: ChildService,
  { name, token, path, upTo = Infinity }: Row,
): Promise<string[]> {
  const before = memoryOf(service, 'VmRSS');
  const { bytes, ms } = await exported(service, token, path, upTo);
  const most = memoryOf(service, 'VmHWM');
  const met = most < ASKED_MB * 1e6 ? '' : ' MISSED';
  const idleAfter = seconds(await idle(service));
  return [name, String(Math.round(bytes / MIB)), seconds(ms), mb(before), `${mb(most)}${met}`, idleAfter];
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

const mb = (bytes: number) => String(Math.round(bytes / 1e6));
const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** Reads an export up to a number of bytes, then goes away. */
async function exported(service: ChildService, token: string, path: string, upTo: number) {
  const begun = performance.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    sent.on('response', resolve).on('error', reject).end();
  });
  if (response.statusCode !== 200) throw new Error(`${path} was answered with ${response.statusCode}.`);
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes >= upTo) break;
  }
  return { bytes, ms: performance.now() - begun };
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

/** Resident memory of the process, bytes: now (`VmRSS`), or at most since its start (`VmHWM`). */
function memoryOf(service: ChildService, field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(procFile(service, 'status'))![1]) * 1024;
}

/** Processor time of the process, ms; Linux counts it in hundredths of a second. */
function cpuOf(service: ChildService): number {
  const fields = procFile(service, 'stat').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
