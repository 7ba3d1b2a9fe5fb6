import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { readdirSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundle } from '../../src/load-bundle';
import { startChild } from '../support/child';
import { spawnCli } from '../support/cli';

const ROOT = realpathSync(join(__dirname, '..', '..'));
const SINGLE_FILES = join(__dirname, '..', 'support', 'single-files.cjs');

/** This package compares its own path with names of scripts, so it must not be a link. */
const FINDS_ADDONS = 'bindings';

/** For all tests of this file: the built service, moved with its packages, and below it a data folder for each start. */
let folder: string;
const dist = (name = '') => join(folder, 'dist', name);
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'graphomat-bundle-')));
  for (const name of ['dist', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: isLoaded });
  const packages = (name = '') => join('node_modules', name);
  mkdirSync(join(folder, packages()));
  for (const name of readdirSync(join(ROOT, packages())).filter((one) => one !== FINDS_ADDONS))
    symlinkSync(join(ROOT, packages(name)), join(folder, packages(name)));
  cpSync(join(ROOT, packages(FINDS_ADDONS)), join(folder, packages(FINDS_ADDONS)), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isLoaded = (file: string) => !file.endsWith('.map');

/** Harms a file of the copied service for the time of `work`. */
async function harmed(name: string, harm: (file: string) => void, work: () => unknown): Promise<void> {
  harm(dist(name));
  try {
    await work();
  } finally {
    copyFileSync(join(ROOT, 'dist', name), dist(name));
  }
}

/** What single-files.cjs has noted of the last process. */
const noted = () =>
  JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) as { files: string[]; flags: string[] };

/** What a start answers and says: its API, why it is slow, the files that Node loaded itself, and flags of V8. */
async function answersOf(execArgv: string[], main?: string) {
  const dataDir = mkdtempSync(join(folder, 'data-'));
  const settings = { DATA_DIR: dataDir, LOG_FORMAT: 'json', SINGLE_FILES_TO: join(folder, 'files.json') };
  const child = await startChild(settings, ['--require', SINGLE_FILES, ...execArgv], main);
  try {
    const api: unknown = await (await fetch(`${child.url}/docs/openapi.json`)).json();
    const page = await (await fetch(`${child.url}/`)).text();
    const line = child.lines.find((text) => text.includes('"modules were '));
    const reason = line === undefined ? undefined : (JSON.parse(line) as { reason: string }).reason;
    await child.stop();
    const { files, flags } = noted();
    return { api, page, reason, own: files.filter((file) => !file.includes('node_modules')), files, flags };
  } finally {
    await child.stop('SIGKILL');
  }
}

it('a start from the bundle serves what a start from single files serves, with next to no other file', async () => {
  const bundled = await answersOf([]);
  const single = await answersOf(['--enable-source-maps']);
  expect(bundled.reason).toBeUndefined();
  expect(single.reason).toBe('source maps are enabled');
  expect(bundled.api).toEqual(single.api);
  expect(bundled.page).toBe(single.page);
  const names = [
    'main',
    'from-bundle',
    'load-bundle',
    'platform/hardening/own-member',
    'platform/memory/optimizing',
  ];
  expect(bundled.own.sort()).toEqual(names.map((name) => join(ROOT, 'dist', `${name}.js`)).sort());
  expect(bundled.files.length).toBeLessThan(10);
  expect(single.own.length).toBeGreaterThan(500);
  // Without optimizing until it listens; see optimizing.spec.ts.
  expect(bundled.flags.filter((flag) => flag.endsWith('opt'))).toEqual(['--no-opt', '--opt']);
});

/** What can happen to a file of a build, and what the log says. */
const FAULTS: readonly (readonly [string, string, (file: string) => void, RegExp])[] = [
  ['is missing', 'bundle.json', rmSync, /ENOENT.*bundle\.json/],
  ['has no code', 'bundle.code', rmSync, /ENOENT.*bundle\.code/],
  ['has a truncated index', 'bundle.json', (file) => truncateSync(file, 1_000), /JSON/],
  ['has truncated code', 'bundle.code', (file) => truncateSync(file, 10_000), /bundle\.code is damaged/],
  ['has code with another byte', 'bundle.code', changeByte, /bundle\.code is damaged/],
  ['has text with another byte', 'bundle.js', changeByte, /bundle\.js is damaged/],
  ['is of another Node.js', 'bundle.json', otherNode, /it was built by Node\.js v1\.0\.0/],
  ['is of another version of a package', 'bundle.json', otherPackage, /the package fastify was changed/],
  ['is older than a file', 'app.setup.js', (file) => appendFileSync(file, '\n'), /app\.setup\.js was/],
  ['lacks a file', 'app.setup.js', rmSync, /ENOENT.*app\.setup\.js/],
];

function changeByte(file: string): void {
  const content = readFileSync(file);
  content[content.length - 100]! ^= 1;
  writeFileSync(file, content);
}

type Index = Record<string, Record<string, string>>;
const indexOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Index;

function changeIndex(file: string, change: (index: Index) => object): void {
  const index = indexOf(file);
  writeFileSync(file, JSON.stringify({ ...index, ...change(index) }));
}

function otherNode(file: string): void {
  changeIndex(file, () => ({ node: `v1.0.0 ${process.platform} ${process.arch}` }));
}

function otherPackage(file: string): void {
  changeIndex(file, ({ packages }) => ({ packages: { ...packages, fastify: '"version": "0.0.1"' } }));
}

it.each(FAULTS)('a bundle is not used that %s', async (_, name, harm, reason) => {
  await harmed(name, harm, () => {
    const slow = loadBundle(dist(), dist('main.js'));
    expect(slow).toEqual({
      message: 'modules were loaded from single files',
      reason: expect.stringMatching(reason) as unknown,
    });
  });
});

it('a program that is not in the bundle is not loaded from it', () => {
  const slow = loadBundle(join(ROOT, 'dist'), join(ROOT, 'dist', 'app.setup.js'));
  expect(slow?.reason).toBe('app.setup.js is not in it');
});

it('a moved program starts from its bundle, and from single files when that was damaged', async () => {
  const copied = await answersOf([], dist('main.js'));
  expect(copied.reason).toBeUndefined();
  await harmed('bundle.code', changeByte, async () => {
    const damaged = await answersOf([], dist('main.js'));
    expect(damaged.reason).toBe(`${dist('bundle.code')} is damaged`);
    expect(damaged.api).toEqual(copied.api);
  });
});

it('stack traces of a moved program name its files, and no folder of the build', () => {
  const code = `
    require(${JSON.stringify(dist('load-bundle.js'))}).loadBundle(${JSON.stringify(dist())}, ${JSON.stringify(dist('main.js'))});
    const { parseCron } = require(${JSON.stringify(dist('platform/jobs/cron.js'))});
    try { parseCron('never'); } catch ({ stack }) { process.stdout.write(stack); }`;
  const stack = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  expect(stack).toMatch(/at parseCron \(dist.platform.jobs.cron\.js:\d+:\d+\)/);
  expect(stack).not.toContain(ROOT);
});

it('says that V8 refuses the code if its flags are not those of the build', async () => {
  const { reason, own } = await answersOf(['--max-lazy']);
  expect(reason).toMatch(/^V8 refused their compiled code: its flags/);
  expect(own.length).toBeLessThan(10);
});

it('the driver of PostgreSQL is not loaded by a start on SQLite', () => {
  const { files } = indexOf(dist('bundle.json'));
  const packages = Object.values(files!).filter((file) => /^node_modules.(pg|better-sqlite3)\b/.test(file));
  expect(packages.map((file) => file.split(/[/\\]/)[1])).toContain('better-sqlite3');
  expect(packages.map((file) => file.split(/[/\\]/)[1])).not.toContain('pg');
});

it('tools are loaded from the bundle', async () => {
  const remove = () => Promise.resolve();
  const place = { dataDir: folder, databaseUrl: `sqlite:///${folder}/none.db`, remove };
  const environment = {
    NODE_OPTIONS: `--require ${SINGLE_FILES}`,
    SINGLE_FILES_TO: join(folder, 'files.json'),
  };
  const { code } = await spawnCli('vault', ['unknown'], place, environment);
  expect(code).toBe(2);
  const { files, flags } = noted();
  expect(flags).toEqual(['--no-opt', '--opt']);
  expect(files.filter((file) => file.includes('/dist/'))).toContain(join(ROOT, 'dist', 'cli', 'vault.js'));
  expect(files.length).toBeLessThan(10);
});
