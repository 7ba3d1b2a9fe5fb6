import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppConfig, ConfigError } from '../../src/platform/config/app-config';
import { VARIABLES } from '../../src/platform/config/variables';
import { parseStoreUrl } from '../../src/platform/objects/store-url';
import { startApp } from '../support/app';
import { newPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraph, rowCounts } from '../support/graphs';

const ROOT = join(__dirname, '..', '..');

/** Values that must not be quoted, each faulty in its own way. */
const FAULTY: Record<string, string> = {
  PORT: 'marker-port',
  API_V1_STR: 'marker-prefix/',
  DATABASE_URL: 'mysql://user:marker-password@host/db',
  DATABASE_POOL_SIZE: '1',
  SECRET_KEY: 'marker-short',
  ENCRYPTION_KEY: 'marker-not-base64',
  BACKUP_STORE_URL: 'ftp://marker-store',
  BACKUP_CRON: 'every marker',
  DEFAULT_POLICY: '{"marker":',
  REGISTRATION: 'marker-maybe',
  ADMIN_EMAIL: 'marker@admin.example',
  ACCESS_TOKEN_EXPIRE_MINUTES: '0',
  MAX_BODY_BYTES: '-1',
  TRUST_PROXY: 'yes',
  CORS_ORIGINS: 'marker-origin',
  LOG_LEVEL: 'loud',
};

function faultsOf(environment: Record<string, string>): string[] {
  try {
    AppConfig.from(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults];
    throw error;
  }
}

it('TRUST_PROXY takes hops or networks, and refuses to believe every client with the sentence what to write', () => {
  for (const value of ['false', '1', '2', '10.0.0.0/8', '10.0.0.1, fd00::/8'])
    expect(faultsOf({ TRUST_PROXY: value })).toEqual([]);
  const [fault] = faultsOf({ TRUST_PROXY: 'true' });
  expect(fault).toContain('write the number of proxies in front of the service, such as 1');
  for (const value of ['yes', '0', '99', '10.0.0.0/33', 'proxy.example.org', '10.0.0.0/8,'])
    expect(faultsOf({ TRUST_PROXY: value })).toHaveLength(1);
});

interface Run {
  code: number | null;
  out: string;
}

/**
 * Runs the built service as an operator would, in a folder of its own, until it ends; once it has said `until` it
 * is sent the first signal, and once it says that it stops, the second.
 */
function runService(
  place: TestPlace,
  environment: Record<string, string>,
  until?: RegExp,
  signals: NodeJS.Signals[] = ['SIGTERM'],
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'main.js')], {
      cwd: place.dataDir,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    let out = '';
    const cues = [until, /"stopping/];
    const read = (part: Buffer) => {
      out += part.toString();
      const [signal] = signals;
      if (!signal || !cues[0]?.test(out)) return;
      signals = signals.slice(1);
      cues.shift();
      child.kill(signal);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

describe('a faulty configuration', () => {
  it('is refused with all faults at once, each by the name of its variable', () => {
    const faults = faultsOf(FAULTY);
    const named = Object.keys(FAULTY).filter((name) => faults.some((fault) => fault.startsWith(`${name} `)));
    expect(named).toEqual(Object.keys(FAULTY));
    expect(faults.every((fault) => /^[A-Z0-9_]+ (must|is|and) /.test(fault))).toBe(true);
  });

  it('is never quoted: a value may be a secret', () => {
    const all = faultsOf(FAULTY).join('\n');
    for (const value of Object.values(FAULTY).filter((text) => text.length > 3))
      expect(all).not.toContain(value);
    expect(all).not.toContain('marker');
  });

  it.each([
    ['SECRET_KEY', 'change-me-change-me-change-me-change-me'],
    ['SECRET_KEY', 'x'.repeat(40)],
    ['SECRET_KEY', 'your-secret-key-your-secret-key-1234'],
    ['ENCRYPTION_KEY', Buffer.alloc(31, 7).toString('base64')],
    ['ENCRYPTION_KEY', `${Buffer.alloc(32, 7).toString('base64')} `],
    ['DEFAULT_POLICY', '[]'],
    ['DEFAULT_POLICY', '{"keep_last":-1}'],
    ['DEFAULT_POLICY', '{"keep_last":1.5}'],
    ['DEFAULT_POLICY', '{"keep_last":1e300}'],
    ['DEFAULT_POLICY', '{"keep_lats":5}'],
    ['DEFAULT_POLICY', '{"deleted_retention_days":0}'],
    [
      'DEFAULT_POLICY',
      '{"keep_last":0,"keep_within_hours":0,"keep_daily":0,"keep_weekly":0,"keep_monthly":0,"keep_yearly":0}',
    ],
    ['RETENTION_CRON', '60 * * * *'],
    ['RETENTION_CRON', '0 0 31 2 *'],
    ['VERIFY_CRON', '0 4 * *'],
    ['BACKUP_CRON', '@hourly'],
    ['DATABASE_URL', 'sqlite:///:memory:'],
    ['DATABASE_URL', 'postgres://user:50%@localhost/db'],
    ['DATABASE_URL', 'postgres://user:a#b@localhost/db'],
    ['DELETED_RETENTION_DAYS', '0'],
    ['DELETED_RETENTION_DAYS', '1e3'],
    ['PORT', '65536'],
    ['CORS_ORIGINS', '*'],
  ])('is one with %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });

  it.each([
    [{ ADMIN_EMAIL: 'root@start.example' }, 'without a password'],
    [{ ADMIN_PASSWORD: 'correct horse battery' }, 'without an e-mail address'],
    [{ ADMIN_EMAIL: 'root@start.example', ADMIN_PASSWORD: 'short' }, 'with a short password'],
    [
      { ADMIN_EMAIL: 'nowhere', ADMIN_PASSWORD: 'correct horse battery' },
      'with something else for an address',
    ],
    [
      { ADMIN_EMAIL: 'root@start.example', ADMIN_PASSWORD: 'root@start.example' },
      'with its address as password',
    ],
  ])('is one with an administrator %j %s', (environment, _) => {
    expect(faultsOf(environment)).not.toEqual([]);
  });

  it('ends the program with all faults on the terminal and no stack', async () => {
    const place = await newPlace();
    try {
      const { code, out } = await runService(place, FAULTY);
      expect(code).toBe(1);
      for (const name of Object.keys(FAULTY)) expect(out).toContain(`${name} `);
      expect(out).not.toMatch(/\n\s+at /);
      expect(out).not.toContain('marker');
      expect(readdirSync(place.dataDir)).toEqual([]);
    } finally {
      await place.remove();
    }
  });
});

describe('the settings', () => {
  it('work with none set', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf(Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, ''])))).toEqual([]);
  });

  it('name a folder of any name: it is a path and no URL', () => {
    const { database, storeUrl } = AppConfig.from({ DATA_DIR: '/srv/why? 100% #1' });
    expect(database).toEqual({ kind: 'sqlite', file: '/srv/why? 100% #1/workflow.db' });
    expect(parseStoreUrl(storeUrl)).toEqual({ kind: 'file', folder: '/srv/why? 100% #1/vault' });
  });

  it('are those of .env.example, name by name with the same default', () => {
    // What follows the first rule is not the service's own.
    const [own] = readFileSync(join(ROOT, '.env.example'), 'utf8').split('\n# ----');
    const lines = own!.split('\n');
    const example = lines.flatMap((line) => {
      const [, name, value] = /^#?\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, (value ?? '').replace(/^(["'])(.*)\1$/, '$2')] as const];
    });
    const known = Object.entries(VARIABLES).map(([name, { fallback }]) => [name, fallback] as const);
    expect(Object.fromEntries(example)).toEqual(Object.fromEntries(known));
    expect(example).toHaveLength(known.length);
  });

  it('are read from .env in the working directory, and the environment goes before it', async () => {
    const place = await newPlace();
    try {
      writeFileSync(
        join(place.dataDir, '.env'),
        `PORT=marker\nHOST=127.0.0.1\nPROJECT_NAME="Out of .env"\nDATABASE_URL=${place.databaseUrl}\nDATA_DIR=./state\nREGISTRATON=closed\n`,
      );
      expect((await runService(place, {})).out).toContain('PORT must be');
      const { code, out } = await runService(place, { PORT: '0', SHUTDOWN_DELAY_SECONDS: '0' }, /listens on/);
      expect(out).toContain('Out of .env listens on http://127.0.0.1:');
      expect(out).toContain(
        'REGISTRATON (.env, line 6) is not a setting of this service and is ignored: did you mean REGISTRATION?',
      );
      expect(code).toBe(0);
      expect(existsSync(join(place.dataDir, 'state', 'keys'))).toBe(true);
    } finally {
      await place.remove();
    }
  });
});

describe('a stop', () => {
  it.each([
    [['SIGTERM']],
    [['SIGINT']],
    [['SIGTERM', 'SIGTERM']],
    [['SIGINT', 'SIGINT']],
    [['SIGINT', 'SIGTERM']],
  ])('is in order after %j, also when a terminal and npm send the signal twice', async (signals) => {
    const place = await newPlace();
    try {
      // SIGTERM waits for the load balancer first: long enough for the second signal.
      const environment = { PORT: '0', DATABASE_URL: place.databaseUrl, SHUTDOWN_DELAY_SECONDS: '1' };
      const run = await runService(place, environment, /listens on/, signals as NodeJS.Signals[]);
      expect(run.code).toBe(0);
      expect(run.out).toContain('"stopped"');
    } finally {
      await place.remove();
    }
  });
});

describe('the keys', () => {
  const keyFiles = (place: TestPlace) => {
    const folder = join(place.dataDir, 'keys');
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  };

  it('are created once, readable by their owner alone, with a line that says to copy them; later starts use the same', async () => {
    const first = await startApp();
    const made = keyFiles(first.place);
    expect(Object.keys(made)).toEqual(['encryption.key', 'secret.key']);
    for (const [name, text] of Object.entries(made)) {
      const path = join(first.place.dataDir, 'keys', name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(Buffer.from(text, 'base64')).toHaveLength(32);
      expect(first.logs.some((line) => line.includes(path) && /copy this file/i.test(line))).toBe(true);
      expect(first.logs.some((line) => line.includes(text.trim()))).toBe(false);
    }
    expect(statSync(join(first.place.dataDir, 'keys')).mode & 0o077).toBe(0);
    const user = await first.aUser();
    const graph = await aGraph(user, { config: { a: 1 } });
    await first.service.close();

    const second = await startApp({}, first.place);
    expect(keyFiles(second.place)).toEqual(made);
    expect(second.logs.some((line) => /copy this file/i.test(line))).toBe(false);
    const again = await second.anonymous.signIn(
      user.credentials?.email ?? '',
      user.credentials?.password ?? '',
    );
    expect((await again.get(`${GRAPHS}/${graph.id}`)).json()).toEqual(graph);
    await second.close();
  });

  it('are not made where the environment has them', async () => {
    const app = await startApp({
      SECRET_KEY: 'kZ3vN8qL5tR2wY7uX1pM4cB6jH9gF0dS',
      ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64'),
    });
    expect(keyFiles(app.place)).toEqual({});
    await app.close();
  });

  it('stop the start when the master key is another one, before anything is written', async () => {
    const right = { ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') };
    const wrong = { ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64') };
    const first = await startApp(right);
    const user = await first.aUser();
    const graph = await aGraph(user, { config: { a: 1 } });
    const before = await rowCounts(first);
    await first.service.close();
    const files = readdirSync(first.place.dataDir).sort();

    await expect(startApp(wrong, first.place)).rejects.toThrow(/ENCRYPTION_KEY is not the key/);
    expect(readdirSync(first.place.dataDir).sort()).toEqual(files);

    const third = await startApp(right, first.place);
    expect(await rowCounts(third)).toEqual(before);
    const again = await third.anonymous.signIn(
      user.credentials?.email ?? '',
      user.credentials?.password ?? '',
    );
    expect((await again.get(`${GRAPHS}/${graph.id}`)).json()).toEqual(graph);
    await third.close();
  });

  it('are not created again for a database that was written with a lost key', async () => {
    const first = await startApp();
    await first.aUser();
    await first.service.close();
    const path = join(first.place.dataDir, 'keys', 'encryption.key');
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    await expect(startApp({}, first.place)).rejects.toThrow(/encryption\.key/);
    const madeAnew = existsSync(path);
    writeFileSync(path, text, { mode: 0o600 });
    const third = await startApp({}, first.place);
    await third.close();
    expect(madeAnew).toBe(false);
  });

  it('stop the start when a key file holds something else, and stay as they are', async () => {
    const first = await startApp();
    await first.service.close();
    const path = join(first.place.dataDir, 'keys', 'encryption.key');
    writeFileSync(path, 'half a key');
    await expect(startApp({}, first.place)).rejects.toThrow(/does not hold 32 bytes/);
    expect(readFileSync(path, 'utf8')).toBe('half a key');
    await first.place.remove();
  });
});
