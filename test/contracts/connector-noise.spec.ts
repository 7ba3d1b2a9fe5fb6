import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import { ComfyuiConnector } from '../../src/sources/connectors/comfyui/comfyui.connector';
import type { Connector, ConnectorSession } from '../../src/sources/connectors/connector';
import { FlowiseConnector } from '../../src/sources/connectors/flowise/flowise.connector';
import { HttpConnector } from '../../src/sources/connectors/generic-http/http.connector';
import { GrafanaConnector } from '../../src/sources/connectors/grafana/grafana.connector';
import { LangflowConnector } from '../../src/sources/connectors/langflow/langflow.connector';
import { N8nConnector } from '../../src/sources/connectors/n8n/n8n.connector';
import { NodeRedConnector } from '../../src/sources/connectors/node-red/node-red.connector';
import { COMMON_OPTIONS, withDefaults, type Fields } from '../../src/sources/domain/fields';
import { FLOW_OPTIONS, FakeTool, type ToolAnswer } from '../support/tools/fake-tool';

/** A document as texts of JSON, so that its exact bytes are known. */
type Tree = string | Text | Tree[] | { [name: string]: Tree };
/** A document in a text, as Flowise has it. */
class Text {
  constructor(readonly tree: Tree) {}
}

/** A member that a tool adds by itself: what it holds, if it is there, and where. */
interface Draw {
  value: unknown;
  spot: number;
}

/** A document of a tool, and what the tool changes in it by itself. Steps of paths are separated by `|`. */
interface Sample {
  name: string;
  connector: Connector;
  remoteId: string;
  options?: Fields;
  document: Tree;
  /** Counters and times, which are not stored. */
  own: string[];
  /** What looking at the graph changes: stored, and no change. */
  view: string[];
  /** What the tool answers; `saves` counts. */
  answers(text: string, saves: number): Record<string, ToolAnswer>;
}

const N8N_OWN = [
  ...['updatedAt', 'createdAt', 'versionId', 'versionCounter', 'triggerCount', 'staticData', 'shared'],
  ...['activeVersion', 'activeVersionId', 'sourceWorkflowId', 'meta', 'active'],
];
const n8n = (name: string, document: Tree): Sample => ({
  ...{ name, connector: new N8nConnector(), remoteId: 'w1', document, view: [] },
  own: [...N8N_OWN, 'tags|*|createdAt', 'tags|*|updatedAt'],
  answers: (text) => ({ 'GET /api/v1/workflows/w1': { body: text } }),
});
const FLOWISE_OWN = ['createdDate', 'updatedDate', 'workspaceId', 'webhookSecretConfigured'];

const CAPTURE = join(__dirname, '..', '..', '..', 'shared', 'captures', 'n8n-2.41.0.md');
/** The first workflow that was read from a running n8n; undefined where the captures are missing. */
function captured(): Tree | undefined {
  const answer = existsSync(CAPTURE) && /^### read\n[^]*?\n\n(\{.*\})$/m.exec(readFileSync(CAPTURE, 'utf8'));
  if (!answer) return undefined;
  const kept = Object.entries(JSON.parse(answer[1]!) as Record<string, unknown>).filter(
    ([name]) => name !== 'id' && !N8N_OWN.includes(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, JSON.stringify(value)]));
}

const SAMPLES: Sample[] = [
  n8n('n8n', {
    name: '"Order \\u00e9"',
    nodes: '[{"parameters": {"value":\t1.0, "big": 12345678901234567890}, "__proto__": 1e400}]',
    connections: '{ }',
    settings: '{"executionOrder":"v1"}',
    tags: [{ id: '"t1"', name: '"live"' }],
  }),
  {
    ...{ name: 'flowise', connector: new FlowiseConnector(), remoteId: 'f1', own: FLOWISE_OWN },
    document: {
      id: '"f1"',
      name: '"Bot"',
      flowData: new Text({
        nodes: [
          { id: '"a_0"', position: '{"x": 1.0,"y":2}', data: { inputs: '{"n": 1.50}' } },
          { id: '"b_0"', data: { inputs: '{}' } },
        ],
        edges: [{ source: '"a_0"', target: '"b_0"' }],
      }),
      deployed: 'false',
    },
    view: [
      ...['viewport', 'edges|*|selected', 'nodes|*|data|selected'].map((path) => `flowData|${path}`),
      ...['selected', 'dragging', 'positionAbsolute'].map((name) => `flowData|nodes|*|${name}`),
    ],
    answers: (text) => ({
      'GET /api/v1/version': { json: {} },
      'GET /api/v1/chatflows/f1': { body: text },
    }),
  },
  {
    ...{ name: 'langflow', connector: new LangflowConnector(), remoteId: 'f1' },
    document: {
      id: '"f1"',
      name: '"Flow"',
      data: {
        nodes: [{ id: '"A"', data: '{"n": 1.0}' }, { id: '"B"' }],
        edges: [{ source: '"A"', target: '"B"' }],
      },
      tags: '[ ]',
    },
    own: ['updated_at', 'user_id', 'workspace_id'],
    view: [
      ...['data|viewport', 'data|edges|*|selected'],
      ...['selected', 'dragging', 'measured', 'resizing'].map((name) => `data|nodes|*|${name}`),
    ],
    answers: (text) => ({ 'GET /api/v1/version': { json: {} }, 'GET /api/v1/flows/f1': { body: text } }),
  },
  {
    ...{ name: 'comfyui', connector: new ComfyuiConnector(), remoteId: 'a.json', own: [] },
    document: { nodes: '[{"id":1,"widgets_values":[ 7.0 ]}]', extra: { info: '{}' }, version: '0.4' },
    view: ['extra|ds', 'extra|frontendVersion'],
    answers: (text) => ({ 'GET /userdata/workflows%2Fa.json': { body: text } }),
  },
  {
    ...{ name: 'grafana, by /apis', connector: new GrafanaConnector(), remoteId: 'one', view: [] },
    document: {
      apiVersion: '"dashboard.grafana.app/v1"',
      metadata: { name: '"one"', annotations: { 'grafana.app/folder': '"f1"' }, labels: { team: '"a"' } },
      spec: { title: '"Hosts"', panels: '[{"n": 1.0}]' },
    },
    own: [
      ...['resourceVersion', 'generation', 'uid', 'creationTimestamp', 'managedFields', 'namespace'].map(
        (name) => `metadata|${name}`,
      ),
      ...['updatedBy', 'updatedTimestamp', 'createdBy', 'saved-from-ui', 'message'].map(
        (name) => `metadata|annotations|grafana.app/${name}`,
      ),
      ...['metadata|labels|grafana.app/deprecatedInternalID', 'status', 'spec|id', 'spec|version'],
    ],
    answers: (text) => ({
      'GET /apis/dashboard.grafana.app': { json: { versions: [{ version: 'v1' }] } },
      'GET /apis/dashboard.grafana.app/v1/namespaces/default/dashboards/one': { body: text },
    }),
  },
  {
    ...{ name: 'grafana, by /api', connector: new GrafanaConnector(), remoteId: 'one', view: [] },
    document: { title: '"Hosts"', uid: '"one"', panels: '[ {"n":1.0} ]' },
    own: ['id', 'version'],
    answers: (text, saves) => ({
      'GET /api/dashboards/uid/one': { body: `{"meta":{"version":${saves}},"dashboard":${text}}` },
    }),
  },
  {
    ...{ name: 'node-red', connector: new NodeRedConnector(), remoteId: 'flows', own: [], view: [] },
    document: '[{"id":"t1","type":"tab"}, {"id":"i1","x": 120.0}]',
    answers: (text, saves) => ({
      'GET /auth/login': { json: {} },
      'GET /settings': { json: { version: '4.1.15' } },
      'GET /flows': { body: `{"flows":${text},"rev":"r${saves}"}` },
    }),
  },
  {
    ...{ name: 'http', connector: new HttpConnector(), remoteId: 'one', options: FLOW_OPTIONS },
    ...{ document: '{ "n": 1e400 }', own: [], view: [] },
    answers: (text, saves) => ({
      'GET /flows/one': { body: `{"id":"one", "rev":${saves}, "flow":${text}}` },
    }),
  },
];
const recorded = captured();
if (recorded) SAMPLES.push(n8n('n8n, as it was recorded', recorded));
else it.skip('a document of n8n, as it was recorded: the captures are missing', () => undefined);

/** Members that a tool adds: their paths, and what is drawn for one after the other. */
interface Added {
  paths: string[][];
  draw: () => Draw;
}

/** The text of a document with the members that a tool adds among those that it has; later ones are put between earlier ones. */
function render(tree: Tree, added: readonly Added[] = []): string {
  if (typeof tree === 'string') return tree;
  if (tree instanceof Text) return JSON.stringify(render(tree.tree, added));
  const inner = (step: string) =>
    added.map(({ paths, draw }) => ({
      paths: paths
        .filter(([first, ...rest]) => first === step && rest.length > 0)
        .map((path) => path.slice(1)),
      draw,
    }));
  if (Array.isArray(tree)) return `[${tree.map((one) => render(one, inner('*'))).join(',')}]`;
  const members = Object.entries(tree).map(
    ([name, value]) => `${JSON.stringify(name)}:${render(value, inner(name))}`,
  );
  for (const { paths, draw } of added)
    for (const [name] of paths.filter(({ length }) => length === 1)) {
      const { value, spot } = draw();
      const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      if (value !== undefined) members.splice(spot % (members.length + 1), 0, member);
    }
  return `{${members.join(',')}}`;
}

function addedAt(paths: readonly string[], draws: readonly Draw[]): Added {
  let at = 0;
  return { paths: paths.map((path) => path.split('|')), draw: () => draws[at++ % draws.length]! };
}

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);

/** What a tool adds by itself: of each member whether it is there, its value, and its place. */
const draws = fc.array(
  fc.record({ value: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }), spot: fc.nat(20) }),
  { minLength: 30, maxLength: 30 },
);

describe.each(SAMPLES)('a document of $name', (sample) => {
  const { connector, document, own, view, remoteId } = sample;
  let tool: FakeTool;
  let session: ConnectorSession;
  let saves = 0;
  let text = render(document);
  const plain = connector.fingerprint(Buffer.from(text)).toString('hex');
  const http = outbound.open({ verifyTls: true });

  beforeAll(async () => {
    tool = await FakeTool.start(
      ({ method, url }) => sample.answers(text, saves)[`${method} ${url.split('?')[0]}`],
    );
    session = await connector.connect({
      url: tool.url,
      options: withDefaults({ ...COMMON_OPTIONS, ...connector.options }, sample.options ?? {}),
      credentials: connector.kind === 'node-red' ? {} : { token: 'x', api_key: 'x' },
      http,
      signal: new AbortController().signal,
      limits: { documentBytes: 1e6, answerBytes: 1e6, folders: [] },
      scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
    });
  });
  afterAll(async () => {
    http.close();
    await tool.close();
  });

  it('is stored byte for byte without its counters, and is the same state after a re-read, a save and a pan', async () => {
    await fc.assert(
      fc.asyncProperty(draws, draws, async (seen, counted) => {
        text = render(document, [addedAt(view, seen), addedAt(own, counted)]);
        saves += 1;
        const { config } = await session.read({ remoteId });
        expect(config.toString()).toBe(render(document, [addedAt(view, seen)]));
        expect(connector.fingerprint(config).toString('hex')).toBe(plain);
      }),
      { numRuns: 60 },
    );
  });
});
