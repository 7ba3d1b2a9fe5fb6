import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { hasProgram } from '../support/programs';

const RECIPES = readFileSync(join(__dirname, '..', '..', 'docs', 'recipes.md'), 'utf8');

/** The code blocks of a language under a heading of docs/recipes.md, without the indentation of lists. */
function blocks(heading: string, language: string): string[] {
  const [, section = ''] = RECIPES.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const found = own.matchAll(new RegExp(`^( *)\`\`\`${language}\n(.*?)^ *\`\`\`$`, 'gms'));
  return [...found].map(([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

let app: TestApp;
let user: ApiClient;
let token: string;
let folder: string;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
  const made = await user.post('/api/v1/auth/tokens', { name: 'a tool', scopes: ['append'] });
  ({ token } = made.json<{ token: string }>());
  folder = mkdtempSync(join(tmpdir(), 'graphomat-recipe-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const graphs = async () => {
  const listed = await user.get(`${GRAPHS}?include=config&sort=title`);
  return listed.json<GraphJson[]>().map(({ title, version, config }) => ({ title, version, config }));
};

/** What the Node-RED function hands to the node that sends. */
interface HttpMessage {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload: string;
}

/** The code of a recipe as an async function, as the tools run it. */
function compile(parameters: string[], code: string) {
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (this: object, ...values: unknown[]) => Promise<unknown>;
  return new AsyncFunction(...parameters, code);
}

/** What n8n hands out, with fields that change by themselves. */
const workflow = (id: string, nodes: unknown[], versionCounter: number) => ({
  ...{ id, name: `Workflow ${id}`, active: true, nodes, connections: {}, settings: {} },
  ...{
    versionCounter,
    updatedAt: `2026-01-01T00:00:0${versionCounter}Z`,
    staticData: { at: versionCounter },
  },
});

it('n8n: the Code node creates a graph for each workflow and adds a version only for a change', async () => {
  const [code] = blocks('n8n: a workflow that saves all workflows', 'js');
  const body = code!
    .replace('https://backup.example.org/api/v1', `${app.url}/api/v1`)
    .replace("'gob_…'", JSON.stringify(token));
  const node = compile(['$input', '$getWorkflowStaticData'], body);
  const known = {};
  const helpers = {
    httpRequest: async (request: { method: string; url: string; headers: object; body: object }) => {
      const { method, url, headers } = request;
      const sent = { ...headers, 'content-type': 'application/json' };
      const answer = await fetch(url, { method, headers: sent, body: JSON.stringify(request.body) });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
  };
  const run = (...items: unknown[]) =>
    node.call({ helpers }, { all: () => items.map((json) => ({ json })) }, () => known);

  await run(workflow('1', [], 1), workflow('2', ['a'], 1));
  const results = (await run(workflow('1', [], 2), workflow('2', ['b'], 2))) as Array<{
    json: { version: number };
  }>;

  expect(results.map(({ json }) => json.version)).toEqual([1, 2]);
  const kept = { active: true, connections: {}, settings: {} };
  expect(await graphs()).toEqual([
    { title: 'Workflow 1', version: 1, config: { id: '1', name: 'Workflow 1', nodes: [], ...kept } },
    { title: 'Workflow 2', version: 2, config: { id: '2', name: 'Workflow 2', nodes: ['b'], ...kept } },
  ]);
});

it('n8n: the hook sends each save in order, and never throws into n8n', async () => {
  const [code] = blocks('n8n: a hook that saves each change', 'js');
  const environment = { GRAPHOMAT_URL: app.url, GRAPHOMAT_TOKEN: token, GRAPHOMAT_IDS: join(folder, 'ids') };
  const file = join(folder, 'hooks.cjs');
  const calls = `
    const [hook] = module.exports.workflow.afterUpdate;
    for (const nodes of [['a'], ['b'], ['b']]) hook({ id: '7', name: 'Seven', nodes, versionCounter: nodes[0] });
    hook({ id: '8', name: '', nodes: [] });`;
  writeFileSync(file, code! + calls);
  const { stderr } = await run(process.execPath, [file], environment);
  expect(stderr).toMatch(/graphomat: GraphOMAT Backup answered 400/);
  expect(await graphs()).toEqual([
    { title: 'Seven', version: 2, config: { id: '7', name: 'Seven', nodes: ['b'] } },
  ]);
});

it('Node-RED: the flow sends the flows byte for byte', async () => {
  const [flow] = blocks('Node-RED', 'json');
  const nodes = JSON.parse(flow!) as Array<{ id: string; func?: string }>;
  const { id } = await aGraph(user, { title: 'Node-RED' });
  const func = nodes
    .find((node) => node.id === 'gob-body')!
    .func!.replace('https://backup.example.org/api/v1', `${app.url}/api/v1`)
    .replace('gob_…', token)
    .replace('<graph id>', id);
  const request = compile(['msg', 'node'], func);
  const flows = '[ {"id":"a",  "type":"tab", "n":1.50} ]';
  const msg = { statusCode: 200, payload: flows };
  const { method, url, headers, payload } = (await request.call({}, msg)) as HttpMessage;
  const answer = await fetch(url, { method, headers, body: payload });
  expect(answer.status).toBe(200);
  expect((await user.get(`${GRAPHS}/${id}`)).text).toContain(`"config":${flows}`);
});

const withTools = hasProgram('curl') && hasProgram('jq') ? describe : describe.skip;
withTools('Grafana (needs curl and jq)', () => {
  let grafana: Server;
  let panels = 1;
  let saves = 0;
  const dashboard = (uid: string) => ({ id: 5, uid, title: `Board ${uid}`, version: (saves += 1), panels });

  beforeAll(async () => {
    grafana = createServer(({ url = '' }, answer) => {
      if (url.startsWith('/api/search'))
        return answer.end(JSON.stringify([{ uid: 'a' }, { uid: 'new' }, { uid: 'b' }]));
      if (url.endsWith('/new')) return answer.writeHead(406).end();
      return answer.end(JSON.stringify({ meta: {}, dashboard: dashboard(url.at(-1)!) }));
    });
    await new Promise<void>((resolve) => grafana.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => grafana.close());

  it('the script sends every dashboard that it can read, and says which it cannot', async () => {
    const [script] = blocks('Grafana', 'sh');
    const file = join(folder, 'grafana-backup');
    writeFileSync(file, script!);
    const environment = {
      GRAFANA_URL: `http://127.0.0.1:${(grafana.address() as AddressInfo).port}`,
      GRAFANA_TOKEN: 'glsa',
      GRAPHOMAT_URL: app.url,
      GRAPHOMAT_TOKEN: token,
      IDS_DIR: join(folder, 'ids'),
    };
    for (panels of [1, 1, 2]) {
      const { code, stderr } = await run('sh', [file], environment);
      expect([code, stderr]).toEqual([1, expect.stringContaining('dashboard new not read')]);
    }
    expect(await graphs()).toEqual([
      { title: 'Board a', version: 2, config: { uid: 'a', title: 'Board a', panels: 2 } },
      { title: 'Board b', version: 2, config: { uid: 'b', title: 'Board b', panels: 2 } },
    ]);
  });
});

function run(program: string, args: string[], environment: Record<string, string>) {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise<{ code: number; stderr: string }>((resolve) => {
    const child = execFile(program, args, { env }, (_, __, stderr) =>
      resolve({ code: child.exitCode ?? -1, stderr }),
    );
  });
}
