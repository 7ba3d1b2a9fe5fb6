import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundle } from '../../src/load-bundle';
import { startChild } from '../support/child';
import { runCli } from '../support/cli';

const ROOT = realpathSync(join(__dirname, '..', '..'));
const SINGLE_FILES = join(__dirname, '..', 'support', 'single-files.cjs');

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'graphomat-bundle-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isLoaded = (file: string) => !file.endsWith('.map');

/** Copies the built service; packages are linked. */
function copyOfProgram(): string {
  const dist = join(folder, 'dist');
  for (const name of ['dist', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: isLoaded });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return dist;
}

const singleFiles = () => JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) as string[];

/** What a start answers and says: its API, the reason not to use the bundle, and the files that Node loaded itself. */
async function answersOf(execArgv: string[], main?: string) {
  const dataDir = mkdtempSync(join(folder, 'data-'));
  const settings = { DATA_DIR: dataDir, LOG_FORMAT: 'json', SINGLE_FILES_TO: join(folder, 'files.json') };
  const child = await startChild(settings, ['--require', SINGLE_FILES, ...execArgv], main);
  try {
    const api: unknown = await (await fetch(`${child.url}/docs/openapi.json`)).json();
    const page = await (await fetch(`${child.url}/`)).text();
    const line = child.lines.find((text) => text.includes('modules were loaded from single files'));
    const reason = line === undefined ? undefined : (JSON.parse(line) as { reason: string }).reason;
    await child.stop();
    const files = singleFiles();
    return { api, page, reason, own: files.filter((file) => !file.includes('node_modules')), files };
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
  const names = ['main', 'from-bundle', 'load-bundle', 'platform/hardening/own-member'];
  expect(bundled.own.sort()).toEqual(names.map((name) => join(ROOT, 'dist', `${name}.js`)).sort());
  expect(bundled.files.length).toBeLessThan(10);
  expect(single.own.length).toBeGreaterThan(500);
});

/** What can happen to a build, and what the log says. */
const FAULTS: readonly (readonly [string, (dist: string) => void, RegExp])[] = [
  ['is missing', (dist) => rmSync(join(dist, 'bundle.json')), /ENOENT.*bundle\.json/],
  ['has no code', (dist) => rmSync(join(dist, 'bundle.code')), /ENOENT.*bundle\.code/],
  ['has a truncated index', (dist) => truncateSync(join(dist, 'bundle.json'), 1_000), /JSON/],
  [
    'has truncated code',
    (dist) => truncateSync(join(dist, 'bundle.code'), 10_000),
    /bundle\.code is damaged/,
  ],
  ['has code with another byte', (dist) => changeByte(join(dist, 'bundle.code')), /bundle\.code is damaged/],
  ['has text with another byte', (dist) => changeByte(join(dist, 'bundle.js')), /bundle\.js is damaged/],
  ['is of another Node.js', otherNode, /it was built by Node\.js v1\.0\.0/],
  ['is of another version of a package', otherPackage, /the package fastify was changed/],
  ['is older than a file', (dist) => appendFileSync(join(dist, 'app.setup.js'), '\n'), /app\.setup\.js was/],
  ['lacks a file', (dist) => rmSync(join(dist, 'app.setup.js')), /ENOENT.*app\.setup\.js/],
];

function changeByte(file: string): void {
  const content = readFileSync(file);
  content[content.length - 100]! ^= 1;
  writeFileSync(file, content);
}

function changeIndex(dist: string, change: (index: Record<string, Record<string, string>>) => object): void {
  const file = join(dist, 'bundle.json');
  const index = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  writeFileSync(file, JSON.stringify({ ...index, ...change(index) }));
}

function otherNode(dist: string): void {
  changeIndex(dist, () => ({ node: `v1.0.0 ${process.platform} ${process.arch}` }));
}

function otherPackage(dist: string): void {
  changeIndex(dist, ({ packages }) => ({ packages: { ...packages, fastify: '"version": "0.0.1"' } }));
}

it.each(FAULTS)('a bundle is not used that %s', (_, harm, reason) => {
  const dist = copyOfProgram();
  harm(dist);
  expect(loadBundle(dist, join(dist, 'main.js'))).toMatch(reason);
});

it('a program that is not in the bundle is not loaded from it', () => {
  expect(loadBundle(join(ROOT, 'dist'), join(ROOT, 'dist', 'app.setup.js'))).toBe(
    'app.setup.js is not in it',
  );
});

it('a copied program starts from its bundle, and from single files when that was damaged', async () => {
  const dist = copyOfProgram();
  const main = join(dist, 'main.js');
  const copied = await answersOf([], main);
  expect(copied.reason).toBeUndefined();
  changeByte(join(dist, 'bundle.code'));
  const damaged = await answersOf([], main);
  expect(damaged.reason).toBe(`${join(dist, 'bundle.code')} is damaged`);
  expect(damaged.api).toEqual(copied.api);
});

it('tools are loaded from the bundle', async () => {
  const remove = () => Promise.resolve();
  const place = { dataDir: folder, databaseUrl: `sqlite:///${folder}/none.db`, remove };
  const environment = {
    NODE_OPTIONS: `--require ${SINGLE_FILES}`,
    SINGLE_FILES_TO: join(folder, 'files.json'),
  };
  const { code } = await runCli('vault', ['--help'], place, environment);
  expect(code).toBe(0);
  const files = singleFiles();
  expect(files.filter((file) => file.includes('/dist/'))).toContain(join(ROOT, 'dist', 'cli', 'vault.js'));
  expect(files.length).toBeLessThan(10);
});
