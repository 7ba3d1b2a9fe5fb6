import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { N8nConnector } from '../../../src/sources/connectors/n8n/n8n.connector';
import { freePort } from '../programs';
import { until } from '../within';
import type { ConnectorCase, FakeGraph } from './connector-case';

const HOOKS = join(__dirname, '..', '..', '..', 'integrations', 'n8n', 'graphomat-hooks.js');
const OWNER = { email: 'owner@example.org', firstName: 'O', lastName: 'W', password: 'Passw0rd1' };
/** A first start makes a database with some hundred migrations, ms. */
const START_MS = 300_000;
/** The parts of a workflow that are a graph, in any order; the rest is n8n's own. */
const KEPT = 'name description nodes connections settings nodeGroups pinData tags isArchived'.split(' ');
const SCOPES = ['list', 'read', 'create', 'update', 'delete', 'activate', 'deactivate'];

/** A workflow as n8n answers it. */
export interface RealWorkflow {
  id: string;
  name: string;
  active: boolean;
  versionId: string;
  nodes: unknown[];
  /** What runs. */
  activeVersion?: { nodes: unknown[] } | null;
  settings: object;
}

/** A trigger, so that the workflow can be published; `value` makes two states differ. */
const webhook = (name: string, value: number) => ({
  id: 'a1',
  name: 'Start',
  type: 'n8n-nodes-base.webhook',
  typeVersion: 2,
  position: [0, value],
  parameters: { path: `path-of-${name}`, options: {} },
  webhookId: `id-of-${name}`,
});

/** A real n8n that `scripts/try-n8n.mjs` has installed, on a folder of its own. */
export class RealN8n {
  private log = '';
  private cookie = '';
  apiKey = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly home: string,
    readonly url: string,
  ) {
    for (const stream of [process.stdout, process.stderr])
      stream!.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
  }

  /** Where it is installed; undefined without it, which skips its tests. */
  static get folder(): string | undefined {
    return process.env['REAL_N8N'];
  }

  /** Starts it with the file of external hooks, which calls `hook`; makes its owner and a key for the public API. */
  static async start(hook?: { url: string; token: string }): Promise<RealN8n> {
    const home = mkdtempSync(join(tmpdir(), 'graphomat-n8n-'));
    const port = await freePort();
    const node = join(RealN8n.folder!, 'node', 'node_modules', 'node', 'bin', 'node');
    const script = join(RealN8n.folder!, 'tool', 'node_modules', 'n8n', 'bin', 'n8n');
    const off = ['DIAGNOSTICS', 'VERSION_NOTIFICATIONS', 'TEMPLATES'];
    const env = {
      ...{ PATH: process.env['PATH'] ?? '', HOME: home, N8N_USER_FOLDER: home },
      ...{ N8N_PORT: String(port), N8N_LISTEN_ADDRESS: '127.0.0.1', N8N_SECURE_COOKIE: 'false' },
      ...Object.fromEntries(off.map((name) => [`N8N_${name}_ENABLED`, 'false'])),
      ...(hook && {
        EXTERNAL_HOOK_FILES: HOOKS,
        GRAPHOMAT_HOOK_URL: hook.url,
        GRAPHOMAT_HOOK_TOKEN: hook.token,
      }),
    };
    const child = spawn(node, [script, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const n8n = new RealN8n(child, home, `http://127.0.0.1:${port}`);
    await until(START_MS, 'n8n', () => n8n.isReady()).catch((error: unknown) => {
      throw new Error(`${(error as Error).message} ${n8n.log}`);
    });
    await n8n.makeOwner();
    return n8n;
  }

  /** A request to the public API; the answer's JSON. Throws for a status that is no 2xx. */
  async api<T = RealWorkflow>(method: string, path: string, body?: unknown): Promise<T> {
    return JSON.parse(await this.request(method, `/api/v1${path}`, body)) as T;
  }

  /** A new workflow; returns its id. */
  async create(name: string, value: number): Promise<string> {
    return (await this.api('POST', '/workflows', workflow(name, value))).id;
  }

  update(id: string, name: string, value: number): Promise<RealWorkflow> {
    return this.api('PUT', `/workflows/${id}`, workflow(name, value));
  }

  /** The document that a source must make of a workflow: printed as n8n prints it, without what is n8n's own. */
  async documentOf(id: string): Promise<string> {
    const whole = await this.api<Record<string, unknown>>('GET', `/workflows/${id}`);
    const kept = Object.entries(whole).filter(([name]) => KEPT.includes(name));
    return JSON.stringify(Object.fromEntries(kept));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null && this.process.kill('SIGTERM')) await ended;
    rmSync(this.home, { recursive: true, force: true });
  }

  private async isReady(): Promise<true | undefined> {
    if (this.process.exitCode !== null) throw new Error('n8n has ended.');
    const answer = await fetch(`${this.url}/healthz/readiness`).catch(() => undefined);
    return answer?.ok && this.log.includes('Editor is now accessible') ? true : undefined;
  }

  /** A key for the public API that may do these things with workflows. */
  async keyFor(label: string, actions: readonly string[]): Promise<string> {
    const scopes = actions.map((action) => `workflow:${action}`);
    const made = await this.request('POST', '/rest/api-keys', { label, scopes, expiresAt: null }, true);
    return (JSON.parse(made) as { data: { rawApiKey: string } }).data.rawApiKey;
  }

  private async makeOwner(): Promise<void> {
    await this.request('POST', '/rest/owner/setup', OWNER);
    this.apiKey = await this.keyFor('backup', SCOPES);
  }

  private async request(method: string, path: string, body?: unknown, asOwner = false): Promise<string> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.apiKey && !asOwner
          ? { 'x-n8n-api-key': this.apiKey }
          : { cookie: this.cookie, 'browser-id': 'test' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`n8n answers ${method} ${path} with ${answer.status}: ${text}`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (cookie) this.cookie = cookie;
    return text;
  }
}

function workflow(name: string, value: number): object {
  return { name, nodes: [webhook(name, value)], connections: {}, settings: { executionOrder: 'v1' } };
}

/** The connector suite against a real n8n, which is started once and emptied after each test. */
export function realN8nCase(): ConnectorCase {
  let started: Promise<RealN8n> | undefined;
  const ids = new Map<string, string>();
  return {
    name: 'n8n, a real one',
    connector: new N8nConnector(),
    end: async () => (await started)?.close(),
    start: async () => {
      started ??= RealN8n.start();
      const n8n = await started;
      const put = async (name: string, content: number): Promise<FakeGraph> => {
        const known = ids.get(name);
        const id = known ?? (await n8n.create(name, content));
        if (known !== undefined) await n8n.update(id, name, content);
        ids.set(name, id);
        return { remoteId: id, title: name, config: await n8n.documentOf(id) };
      };
      const remove = async (name: string) => {
        await n8n.api('DELETE', `/workflows/${ids.get(name)}`);
        ids.delete(name);
      };
      return {
        tool: null,
        url: n8n.url,
        options: {},
        credentials: { api_key: n8n.apiKey },
        wrongCredentials: { api_key: 'wrong-secret' },
        hasHistory: true,
        put,
        touch: async (name) => {
          const { nodes, settings } = await n8n.api('GET', `/workflows/${ids.get(name)}`);
          await n8n.api('PUT', `/workflows/${ids.get(name)}`, { name, nodes, connections: {}, settings });
        },
        remove,
        close: async () => {
          for (const name of [...ids.keys()]) await remove(name);
        },
      };
    },
  };
}
