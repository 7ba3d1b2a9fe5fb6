import '../from-bundle';
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { JournalService } from '../audit/journal.service';
import { JournalStore } from '../audit/journal.store';
import { Rebuild, type RebuildProgress } from '../backups/rebuild';
import type { RebuildOptions, RebuildPlan } from '../backups/rebuild-plan';
import type { RebuiltCounts } from '../backups/rebuild.store';
import { VaultSurvey } from '../backups/survey';
import type { MasterKeyFinder } from '../backups/vault-reader';
import { databaseSchema } from '../database-schema';
import { Clock } from '../platform/clock/clock';
import { parseInstant, toIso } from '../platform/clock/instant';
import type { AppConfig } from '../platform/config/app-config';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { Databases } from '../platform/database/databases';
import { parseDatabaseUrl } from '../platform/database/database-url';
import { isUuid } from '../platform/ids/uuid';
import { Metrics } from '../platform/metrics/metrics';
import { parseStoreUrl } from '../platform/objects/store-url';
import { openObjectStore } from '../platform/objects/open-object-store';
import type { ObjectStore } from '../platform/objects/object-store';
import { configOfTool } from './config-of-tool';
import { UsageError, readOption, runMain } from './run-main';
import { restoreGraphs } from './vault-restore';

const USAGE = `Usage: npm run vault -- ls | verify | rebuild | restore
  ls       list the copies in the backup store: lineages, generations, times, sizes
  verify   read all copies back: every object, every frame, and every version of every graph in the newest generation
  rebuild --to <database url> [--at <time>] [--user <e-mail>] [--lineage <first digits>] [--dry-run]
           rebuild an empty database from the copies and the master key. Can be stopped and started again.
           --at     as of the newest copy that is not after this time, such as 2026-11-23T09:15:00Z
           --user   only the data of this user
           --dry-run  load into a temporary file, and list what would be rebuilt
  restore --user <e-mail> [--graph <id>] [--at <time>] [--lineage <first digits>] [--dry-run]
           restore graphs of one user into the database of the service (DATABASE_URL), which may run: with all
           versions, labels and the policy, under the same id, outside the trash. Existing graphs are not changed.
           --graph  only this graph, in its last state in the copies, even if it was purged
           --at     as of this time; needed for graphs that were purged when --graph is not given
  --from <store url>  a store other than BACKUP_STORE_URL
  ls, verify and rebuild do not need the database; none of them changes the copies.
  Exit code 0: done. 1: damage was found, there was nothing to do, or it was stopped. 2: it could not be done.`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  at: { type: 'string' },
  user: { type: 'string' },
  graph: { type: 'string' },
  lineage: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** To look at a store, no key is needed. */
const NO_KEYS: MasterKeyFinder = { find: () => undefined, currentId: Buffer.alloc(0) };

interface Parts {
  store: ObjectStore;
  masters: MasterKeyFinder;
  databases: Databases;
  journal: JournalService;
  rebuild: Rebuild;
  survey: VaultSurvey;
  signal: AbortSignal;
}

runMain(USAGE, main);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  const [command, ...rest] = positionals;
  if (rest.length > 0 || !command || !['ls', 'verify', 'rebuild', 'restore'].includes(command))
    throw new UsageError();
  requireKnownOptions(command, values);
  const from = values.from;
  if (from !== undefined) readOption('--from', () => parseStoreUrl(from));
  const config = configOfTool();
  const store = await openObjectStore(from ?? config.storeUrl);
  try {
    const parts = partsOf(config, store, command !== 'ls');
    if (command === 'ls') return await list(parts);
    if (command === 'verify') return await verify(parts);
    if (command === 'restore') return await restore(parts, config, values);
    return await rebuild(parts, values);
  } finally {
    store.close();
  }
}

/** An option that a command ignores would promise something, such as to rebuild one graph only. */
function requireKnownOptions(command: string, values: Readonly<Record<string, unknown>>): void {
  const taken = new Map([
    ['rebuild', ['from', 'to', 'at', 'user', 'lineage', 'dry-run']],
    ['restore', ['from', 'user', 'graph', 'at', 'lineage', 'dry-run']],
  ]).get(command) ?? ['from'];
  const other = Object.entries(values).find(([name, value]) => value !== false && !taken.includes(name));
  if (other) throw new UsageError(`${command} does not take --${other[0]}.`);
}

function partsOf(config: AppConfig, store: ObjectStore, needsKeys: boolean): Parts {
  const masters = needsKeys ? MasterKeySource.openExisting(config) : NO_KEYS;
  const databases = new Databases(databaseSchema);
  const journal = new JournalService(new JournalStore(), new Metrics());
  return {
    store,
    masters,
    databases,
    journal,
    rebuild: new Rebuild(store, masters, databases, journal, new Clock()),
    survey: new VaultSurvey(store, masters, databases),
    signal: untilInterrupted(),
  };
}

async function list({ survey, store }: Parts): Promise<number> {
  let lines = 0;
  for await (const { lineage, generation, segments, bytes, from, to } of survey.generations()) {
    lines += 1;
    say(
      `${lineage.slice(0, 8)}  generation ${generation}  ${segments} segments  ${megabytes(bytes)}  ${from} to ${to}`,
    );
  }
  if (lines === 0) say(`There are no copies in ${store.place}.`);
  return 0;
}

async function verify({ survey, store, signal }: Parts): Promise<number> {
  let damaged = 0;
  const bar = progressBar('verifying');
  await withScratchFile(async (file) => {
    for await (const line of survey.verify(file, (progress) => bar.follow(progress), signal)) {
      damaged += 1;
      bar.say(`DAMAGED ${line}`);
    }
  });
  bar.stop();
  const { objects, bytes, graphs, versions } = survey.totals;
  if (objects === 0 && damaged === 0 && !signal.aborted) {
    say(`There are no copies in ${store.place}: nothing was verified.`);
    return 1;
  }
  say(
    `${signal.aborted ? 'Stopped: ' : ''}${objects} objects, ${megabytes(bytes)} read back; ${versions} versions of ${graphs} graphs decoded; ${damaged} faults`,
  );
  return damaged > 0 || signal.aborted ? 1 : 0;
}

async function rebuild(
  { rebuild, signal }: Parts,
  values: { to?: string; at?: string; user?: string; lineage?: string; 'dry-run': boolean },
): Promise<number> {
  const dryRun = values['dry-run'];
  if (!values.to && !dryRun) throw new UsageError('rebuild needs --to or --dry-run.');
  const options: RebuildOptions = {
    at: timeOf(values.at),
    user: values.user ?? null,
    lineage: values.lineage ?? null,
  };
  const to = values.to;
  const target = to === undefined ? undefined : readOption('--to', () => parseDatabaseUrl(to));
  const plan = await rebuild.plan(options);
  say(
    `Rebuilding the state of ${toIso(plan.asOf)}: generation ${plan.generation.number}, ${plan.segments.length} segments, ${megabytes(plan.bytes)}.`,
  );
  const bar = progressBar('rebuilding');
  const follow = (progress: RebuildProgress) => bar.follow(progress);
  const counted = dryRun
    ? withScratchFile((file) => rebuild.dryRun(plan, file, options, follow, signal))
    : rebuild.run(plan, target!, options, follow, signal);
  const counts = await counted.finally(() => bar.stop());
  return report(counts, plan, dryRun);
}

async function restore(
  { signal, ...parts }: Parts,
  config: AppConfig,
  values: { at?: string; user?: string; graph?: string; lineage?: string; 'dry-run': boolean },
): Promise<number> {
  if (values.user === undefined) throw new UsageError('restore needs --user.');
  if (values.graph !== undefined && !isUuid(values.graph))
    throw new Error('--graph must be the id of a graph.');
  const at = timeOf(values.at);
  const bar = progressBar('reading');
  const options = { at, user: values.user, lineage: values.lineage ?? null };
  const request = { options, graph: values.graph?.toLowerCase(), dryRun: values['dry-run'] };
  const follow = (progress: RebuildProgress) => bar.follow(progress);
  return withScratchFile((scratch) =>
    restoreGraphs({ ...parts, config, scratch, signal, say, follow }, request),
  ).finally(() => bar.stop());
}

function report(counts: RebuiltCounts | undefined, plan: RebuildPlan, dryRun: boolean): number {
  if (!counts) {
    say(
      'Stopped. The same command continues from here. The service does not start on the database before it has completed.',
    );
    return 1;
  }
  const { users, graphs, versions, events } = counts;
  say(
    `${dryRun ? 'Would rebuild' : 'Rebuilt'}: ${users} users, ${graphs} graphs, ${versions} versions, ${events} events, as of ${toIso(plan.asOf)}.`,
  );
  if (!dryRun)
    say(
      'All users must sign in again. Start the service on it; "npm run check" reads every version back. The next copy is a full one.',
    );
  return 0;
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = parseInstant(text);
  if (time === null) throw new Error('--at must be a time with a zone, such as 2026-11-23T09:15:00Z.');
  return time;
}

interface Bar {
  follow(progress: RebuildProgress): void;
  say(line: string): void;
  stop(): void;
}

/** A bar with an estimate on a terminal; elsewhere nothing. */
function progressBar(what: string): Bar {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage} % | {eta_formatted} left`,
    hideCursor: true,
    noTTYOutput: false,
  });
  let started = false;
  return {
    follow: ({ bytes, total }) => {
      if (!started && process.stderr.isTTY) bar.start(total, 0);
      started = true;
      if (process.stderr.isTTY) bar.update(bytes);
    },
    say,
    stop: () => bar.stop(),
  };
}

/** Names a file in a new folder that only this user can enter, and removes both after `work`. */
async function withScratchFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-vault-'));
  try {
    return await work(join(folder, 'scratch.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}
