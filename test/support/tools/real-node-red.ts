import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../programs';
import { until } from '../within';

const ROOT = join(__dirname, '..', '..', '..');
const PLUGIN = join(ROOT, 'integrations', 'node-red-contrib-graphomat-backup');

/** Installs a manifest of test/tools once for each lock file; returns its folder. */
function installed(tool: string): string {
  const manifest = join(ROOT, 'test', 'tools', tool);
  const lock = readFileSync(join(manifest, 'package-lock.json'));
  const name = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = join(ROOT, 'node_modules', '.cache', `node-red-${name}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(manifest, making, { recursive: true });
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', args, { cwd: making, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Node-RED could not be installed: ${stderr}`);
  if (!existsSync(folder)) renameSync(making, folder);
  return folder;
}

/** A real Node-RED with a user `admin`, on a folder of its own. */
export class RealNodeRed {
  private process: ChildProcess | undefined;
  private log = '';

  private constructor(
    private readonly program: string,
    private readonly node: string,
    readonly folder: string,
    readonly port: number,
  ) {}

  /** Version 5 comes with the Node that it needs. */
  static async create(version: 4 | 5): Promise<RealNodeRed> {
    const program = installed(version === 5 ? 'node-red-5' : 'node-red');
    const node = version === 5 ? join(program, 'node_modules', 'node', 'bin', 'node') : process.execPath;
    const folder = mkdtempSync(join(tmpdir(), 'graphomat-node-red-'));
    const nodeRed = new RealNodeRed(program, node, folder, await freePort());
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(PLUGIN, join(folder, 'node_modules', 'node-red-contrib-graphomat-backup'));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'flows', dependencies: { 'node-red-contrib-graphomat-backup': '0.1.0' } }),
    );
    return nodeRed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it; `hook` is what the plugin calls. Waits until it answers. */
  async start(hook: { url: string; token: string } | null = null): Promise<void> {
    const settings = {
      uiPort: this.port,
      uiHost: '127.0.0.1',
      credentialSecret: 'a secret of tests',
      telemetry: { enabled: false },
      ...(hook && { graphomatBackup: hook }),
    };
    const bcrypt = JSON.stringify(join(this.program, 'node_modules', 'bcryptjs'));
    writeFileSync(
      join(this.folder, 'settings.js'),
      `const password = require(${bcrypt}).hashSync('pw12345', 4);
       module.exports = { ...${JSON.stringify(settings)}, adminAuth: { type: 'credentials', users: [{ username: 'admin', password, permissions: '*' }, { username: 'reader', password, permissions: 'read' }] } };`,
    );
    const script = join(this.program, 'node_modules', 'node-red', 'red.js');
    this.process = spawn(this.node, [script, '--userDir', this.folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream!.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    await until(40_000, `Node-RED: ${this.log}`, async () => {
      const answer = await fetch(`${this.url}/auth/login`).catch(() => undefined);
      return answer?.ok && this.log.includes('Started flows') ? true : undefined;
    });
  }

  async stop(): Promise<void> {
    const { process: running } = this;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
    this.log = '';
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** A request to the Admin API, version 2, signed in. */
  async admin(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const signIn = {
      client_id: 'node-red-admin',
      grant_type: 'password',
      scope: '*',
      username: 'admin',
      password: 'pw12345',
    };
    const json = { 'content-type': 'application/json' };
    const signedIn = await fetch(`${this.url}/auth/token`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(signIn),
    });
    const { access_token } = (await signedIn.json()) as { access_token: string };
    const headers = { ...json, authorization: `Bearer ${access_token}`, 'node-red-api-version': 'v2' };
    const answer = await fetch(this.url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }
}
