import { createCipheriv, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type ChildService } from '../../../scripts/child-service';
import { graphBody, HttpSession } from '../../../scripts/http-session';
import { COPIED_TABLES } from '../../../src/backups/domain/copied-tables';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { profiling, type Options } from '../options';

const GRAPHS = 1_000;
const VERSIONS = 100;
const CONFIG_BYTES = 5_000;
const AT_ONCE = 32;
/** Of `--row large`: documents that nothing makes smaller. */
const LARGE_BYTES = 8_000_000;
const LARGE_DOCUMENTS = 640;
/** Of `--row lag`: how many versions a second are asked for, and for how long. */
const LAG_PER_SECOND = 1_000;
const LAG_SECONDS = 200;
const MIB = 1024 * 1024;
const ADMIN = { email: 'operator@example.org', password: 'a password of the bench' };
const YEARLY = '0 0 1 1 *';
const CLI = join(__dirname, '..', '..', '..', 'dist', 'cli', 'vault.js');

interface Run {
  id: string;
  status: string;
  bytes: number;
  versions: number;
  error: string | null;
}

/**
 * Copies: 100,000 versions are copied whole and rebuilt. The copy is compared with reading the same rows, and with
 * sealing, writing and syncing the same bytes; with `--row full` it is not rebuilt. With
 * `--row large` 5 GB of them instead, which is about memory; with `--row lag` copies each minute while 1,000
 * versions come in each second.
 */
export async function benchVault(options: Options): Promise<void> {
  await withFolder(async (folder) => {
    if (options.row === 'lag') return lag(folder, options);
    const large = options.row === 'large';
    const unprofiled = { ...options, profile: undefined };
    await withService(folder, YEARLY, unprofiled, (_service, session) => fill(session, large));
    // A fresh process: its memory is that of the copy alone.
    await withService(folder, YEARLY, options, (service, session) => copyWhole(folder, service, session));
    if (options.row !== 'full') await rebuild(folder);
  });
}

async function withService(
  folder: string,
  cron: string,
  options: Options,
  work: (service: ChildService, session: HttpSession) => Promise<void>,
): Promise<void> {
  const service = await startChild(
    {
      DATA_DIR: folder,
      DATABASE_URL: `sqlite:///${join(folder, 'bench.db')}`,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ACCESS_TOKEN_EXPIRE_MINUTES: '600',
      BACKUP_CRON: cron,
      BACKUP_FULL_CRON: YEARLY,
      VERIFY_CRON: YEARLY,
    },
    profiling(options),
  );
  const session = new HttpSession(service.url, AT_ONCE);
  try {
    await session.signIn(ADMIN.email, ADMIN.password);
    await work(service, session);
  } finally {
    session.close();
    await service.stop();
  }
}

async function fill(session: HttpSession, large: boolean): Promise<void> {
  const graphs = large ? LARGE_DOCUMENTS : GRAPHS;
  let next = 0;
  const worker = async () => {
    for (let graph = next++; graph < graphs; graph = next++) {
      const configs = large ? [largeConfig()] : series(CONFIG_BYTES, VERSIONS, graph + 1);
      let id = '';
      for (const config of configs) id = await store(session, id, config);
    }
  };
  await Promise.all(Array.from({ length: large ? 2 : AT_ONCE }, worker));
}

async function store(session: HttpSession, id: string, config: Buffer): Promise<string> {
  const answer = await session.send(
    id === '' ? 'POST' : 'PUT',
    id === '' ? '/api/v1/graphs' : `/api/v1/graphs/${id}`,
    graphBody('Bench', config),
  );
  if (answer.status > 201)
    throw new Error(`A write was answered with ${answer.status}: ${answer.body.toString()}`);
  return id === '' ? (JSON.parse(answer.body.toString()) as { id: string }).id : id;
}

function largeConfig(): Buffer {
  return Buffer.from(`["${randomBytes((LARGE_BYTES * 3) / 4).toString('base64')}"]`);
}

async function copyWhole(folder: string, service: ChildService, session: HttpSession): Promise<void> {
  const begun = performance.now();
  const vault = join(folder, 'vault');
  let writtenSeconds = 0;
  // A segment can be seen when it is whole and durable; reading it back comes after that.
  const watch = setInterval(() => {
    if (writtenSeconds > 0 || !existsSync(vault) || segmentsOf(vault).length === 0) return;
    writtenSeconds = (performance.now() - begun) / 1_000;
  }, 10);
  const run = await copied(session, 'full');
  clearInterval(watch);
  const seconds = (performance.now() - begun) / 1_000;
  const segment = join(vault, ...segmentsOf(vault)[0]!.split('/'));
  const read = readRows(join(folder, 'bench.db'));
  const sealed = await copyAndSeal(segment, join(folder, 'floor.bin'));
  const ratios = (floor: number) =>
    `${(floor / writtenSeconds).toFixed(2)}, with reading back ${(floor / seconds).toFixed(2)}`;
  const megabytes = run.bytes / 1e6;
  console.log(
    `full copy of ${run.versions} versions, ${megabytes.toFixed(0)} MB: written in ${writtenSeconds.toFixed(2)} s, ` +
      `${(megabytes / writtenSeconds).toFixed(0)} MB/s, and read back in all ${seconds.toFixed(2)} s; floor: the rows read ` +
      `in ${read.toFixed(2)} s, the bytes read from a file, sealed and written in ${sealed.toFixed(2)} s; ` +
      `ratio ${ratios(read + sealed)} (target ≥ 0.3); without the rows ${ratios(sealed)}; ` +
      `the service's memory at most ${peakOf(service.process.pid!)} MiB`,
  );
}

async function copied(session: HttpSession, kind: 'full' | 'incremental'): Promise<Run> {
  const body = Buffer.from(JSON.stringify({ kind }));
  let begun = await session.send('POST', '/api/v1/backups/runs', body);
  while (begun.status === 409) {
    await sleep(50);
    begun = await session.send('POST', '/api/v1/backups/runs', body);
  }
  let run = JSON.parse(begun.body.toString()) as Run;
  while (run.status === 'running') {
    await sleep(20);
    run = JSON.parse((await session.send('GET', `/api/v1/backups/runs/${run.id}`)).body.toString()) as Run;
  }
  if (run.error !== null) throw new Error(`The copy failed: ${run.error}`);
  return run;
}

function segmentsOf(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return segmentsOf(folder, name);
    return name.endsWith('.seg') ? [name] : [];
  });
}

/**
 * A floor for many small rows: all copied columns of the two tables that have one for each version, read in a process
 * of its own, whose memory is small. Seconds.
 */
function readRows(file: string): number {
  const texts = COPIED_TABLES.filter(({ table }) => ['journal', 'versions'].includes(table)).map(
    ({ table, columns }) => `SELECT ${columns.join(', ')} FROM ${table}`,
  );
  const program = `const Database = require(${JSON.stringify(require.resolve('better-sqlite3'))});
    const database = new Database(process.argv[1], { readonly: true });
    const begun = performance.now();
    for (const text of process.argv.slice(2)) for (const row of database.prepare(text).raw().iterate());
    console.log(performance.now() - begun);`;
  return Number(execFileSync(process.execPath, ['-e', program, file, ...texts])) / 1_000;
}

/** A floor for bytes: those of the segment read, sealed with AES-256-GCM, written and made durable. Seconds. */
async function copyAndSeal(from: string, to: string): Promise<number> {
  const begun = performance.now();
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12));
  await pipeline(createReadStream(from, { highWaterMark: MIB }), cipher, createWriteStream(to));
  const file = await open(to, 'r+');
  await file.sync();
  await file.close();
  return (performance.now() - begun) / 1_000;
}

/** Most memory that a process has held, MiB. */
function peakOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

async function rebuild(folder: string): Promise<void> {
  const begun = performance.now();
  const target = join(folder, 'rebuilt.db');
  const tool = spawn(process.execPath, [CLI, 'rebuild', '--to', `sqlite:///${target}`], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  tool.stdout.on('data', (data: Buffer) => (said += data.toString()));
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(tool.pid!) || 0)), 50);
  const code = await new Promise((resolve) => tool.once('exit', resolve));
  clearInterval(watch);
  const seconds = (performance.now() - begun) / 1_000;
  if (code !== 0) throw new Error(`The rebuild ended with ${String(code)}: ${said}`);
  console.log(
    `rebuild: ${seconds.toFixed(1)} s (target < 120 for 100,000 versions), ${(statSync(target).size / 1e6).toFixed(0)} MB, ` +
      `memory at most ${peak} MiB (target < 300); ${said.split('\n').find((line) => line.startsWith('Rebuilt'))}`,
  );
}

/** Copies each minute under load; the lag is what the service's own metric says. */
async function lag(folder: string, options: Options): Promise<void> {
  await withService(folder, '* * * * *', options, async (service, session) => {
    const ids: string[] = [];
    const documents = series(CONFIG_BYTES, 50, 1);
    for (let graph = 0; graph < 200; graph += 1) ids.push(await store(session, '', documents[0]!));
    const begun = performance.now();
    let sent = 0;
    let worst = 0;
    const worker = async () => {
      while (performance.now() - begun < LAG_SECONDS * 1_000) {
        const ahead = sent / LAG_PER_SECOND - (performance.now() - begun) / 1_000;
        if (ahead > 0) await sleep(ahead * 1_000);
        const at = sent++;
        await store(session, ids[at % ids.length]!, documents[1 + (Math.floor(at / ids.length) % 49)]!);
      }
    };
    const watch = setInterval(
      () => void lagOf(service.url).then((seconds) => (worst = Math.max(worst, seconds))),
      1_000,
    );
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    clearInterval(watch);
    const seconds = (performance.now() - begun) / 1_000;
    console.log(
      `lag: ${(sent / seconds).toFixed(0)} versions/s for ${seconds.toFixed(0)} s, copied each minute: ${worst.toFixed(0)} s at worst (target < 120)`,
    );
  });
}

async function lagOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^graphomat_backup_lag_seconds (\S+)/m.exec(text)?.[1] ?? 0);
}
