import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { JournalService } from '../../src/audit/journal.service';
import { JournalStore } from '../../src/audit/journal.store';
import { Rebuild } from '../../src/backups/rebuild';
import { databaseSchema } from '../../src/database-schema';
import { Clock } from '../../src/platform/clock/clock';
import { AppConfig } from '../../src/platform/config/app-config';
import { MasterKeySource } from '../../src/platform/crypto/master-key-source';
import { Databases } from '../../src/platform/database/databases';
import { Metrics } from '../../src/platform/metrics/metrics';
import { openObjectStore } from '../../src/platform/objects/open-object-store';
import type { TestPlace } from './database';
import { rawSql } from './raw-database';

/** Each version by owner, graph and number, with the hash of its config. */
export type VersionHashes = Map<string, string>;

const VERSIONS = 'SELECT user_key, graph_key, version, seq, config_sha256 FROM versions';

/** What a rebuild out of a place's vault brings back; undefined while there is no copy yet. The service may run. */
export async function recoverable(place: TestPlace): Promise<VersionHashes | undefined> {
  const config = AppConfig.from({ DATA_DIR: place.dataDir });
  const store = await openObjectStore(config.storeUrl);
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-recovered-'));
  const rebuild = new Rebuild(
    store,
    MasterKeySource.openExisting(config).current,
    new Databases(databaseSchema),
    new JournalService(new JournalStore(), new Metrics()),
    new Clock(),
  );
  try {
    const newest = { at: null, user: null, lineage: null };
    const plan = await rebuild.plan(newest).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('There are no copies')) return undefined;
      throw error;
    });
    if (!plan) return undefined;
    const file = join(folder, 'recovered.db');
    const target = { kind: 'sqlite' as const, file };
    await rebuild.run(plan, target, newest, () => undefined, new AbortController().signal);
    const database = new Sqlite(file, { readonly: true });
    try {
      return hashesOf(database.prepare(VERSIONS).all() as Array<Record<string, unknown>>);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
    store.close();
  }
}

/** What a place's database says of all its versions. */
export async function present(place: TestPlace): Promise<VersionHashes> {
  return hashesOf(await rawSql(place, VERSIONS));
}

/** What a place's database says of the versions that it calls stored. */
export async function calledStored(place: TestPlace): Promise<VersionHashes> {
  const [state] = await rawSql(place, 'SELECT stored_seq FROM vault_state');
  const rows = await rawSql(place, VERSIONS);
  return hashesOf(rows.filter(({ seq }) => Number(seq) <= Number(state?.['stored_seq'] ?? 0)));
}

/** Those that are not in `other`, or are something else there. */
export function missingIn(other: VersionHashes, hashes: VersionHashes): string[] {
  return [...hashes].filter(([version, hash]) => other.get(version) !== hash).map(([version]) => version);
}

function hashesOf(rows: ReadonlyArray<Record<string, unknown>>): VersionHashes {
  return new Map(
    rows.map(({ user_key, graph_key, version, config_sha256 }) => [
      [user_key, graph_key, version].join('/'),
      (config_sha256 as Buffer).toString('hex'),
    ]),
  );
}
