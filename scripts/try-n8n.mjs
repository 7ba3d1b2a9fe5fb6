/**
 * Runs the tests of n8n sources against a real n8n: `npm run try:n8n -- [folder]`. Installs n8n and the Node that it
 * needs into the folder (about 3 GB, ten minutes; by default one below the temporary folder), unless they are there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(fileURLToPath(import.meta.url), '..', '..');
const NEEDED_BYTES = 6 * 2 ** 30;
const SPECS = ['test/contracts/connector.spec.ts', 'test/e2e/n8n.spec.ts'];
const folder = resolve(process.argv[2] ?? join(tmpdir(), 'graphomat-try-n8n'));

function run(program, args, options) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs a manifest of test/tools. */
function install(name, manifest, args, env = process.env) {
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  cpSync(join(ROOT, 'test', 'tools', manifest), cwd, { recursive: true });
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...args], { cwd, env });
}

const node = join(folder, 'node', 'node_modules', 'node');
if (!existsSync(join(node, 'bin', 'node'))) install('node', 'node-24', []);

if (!existsSync(join(folder, 'tool', 'node_modules', 'n8n', 'bin', 'n8n'))) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED_BYTES)
    throw new Error(`${folder} needs ${NEEDED_BYTES / 2 ** 30} GiB of free space.`);
  const env = {
    ...process.env,
    PATH: join(node, 'bin') + delimiter + process.env.PATH,
    // The headers that native modules are compiled with.
    npm_config_nodedir: join(node, 'node_modules', `node-${process.platform}-${process.arch}`),
  };
  // Most native modules of n8n belong to nodes that the tests do not use, and some need libraries of the system.
  install('tool', 'n8n', ['--ignore-scripts', '--omit=dev'], env);
  run('npm', ['rebuild', 'sqlite3'], { cwd: join(folder, 'tool'), env });
}

run('npx', ['jest', '--selectProjects', 'sqlite', '--maxWorkers=1', '--', ...SPECS], {
  cwd: ROOT,
  env: { ...process.env, REAL_N8N: folder },
});
