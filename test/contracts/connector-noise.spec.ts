import { chmodSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import { ComfyuiConnector } from '../../src/sources/connectors/comfyui/comfyui.connector';
import type { Connector, ConnectorSession } from '../../src/sources/connectors/connector';
import { FlowiseConnector } from '../../src/sources/connectors/flowise/flowise.connector';
import { FolderConnector } from '../../src/sources/connectors/folder/folder.connector';
import { HttpConnector } from '../../src/sources/connectors/generic-http/http.connector';
import { GrafanaConnector } from '../../src/sources/connectors/grafana/grafana.connector';
import { LangflowConnector } from '../../src/sources/connectors/langflow/langflow.connector';
import { N8nConnector } from '../../src/sources/connectors/n8n/n8n.connector';
import { NodeRedConnector } from '../../src/sources/connectors/node-red/node-red.connector';
import { COMMON_OPTIONS, withDefaults, type Fields } from '../../src/sources/domain/fields';
import { captured } from '../support/tools/captures';
import { Text, addedAt, draws, render, treeOf, type Tree } from '../support/tools/drawn-noise';
import { FLOW_OPTIONS, FakeTool, type ToolAnswer } from '../support/tools/fake-tool';

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
const FLOWISE_VIEW = [
  ...['viewport', 'edges|*|selected', 'nodes|*|data|selected'].map((path) => `flowData|${path}`),
  ...['selected', 'dragging', 'positionAbsolute'].map((name) => `flowData|nodes|*|${name}`),
];
const flowise = (name: string, document: Tree): Sample => ({
  ...{ name, connector: new FlowiseConnector(), remoteId: 'f1', own: FLOWISE_OWN, document },
  view: FLOWISE_VIEW,
  answers: (text) => ({
    'GET /api/v1/version': { json: { version: '3.1.4' } },
    'GET /api/v1/chatflows/f1': { body: text },
  }),
});
const nodeRed = (name: string, document: string, version: string): Sample => ({
  ...{ name, connector: new NodeRedConnector(), remoteId: 'flows', own: [], view: [], document },
  answers: (text, saves) => ({
    'GET /auth/login': { json: {} },
    'GET /settings': { json: { version } },
    'GET /flows': { body: `{"flows":${text},"rev":"r${saves}"}` },
  }),
});

const SAMPLES: Sample[] = [
  n8n('n8n', {
    name: '"Order \\u00e9"',
    nodes: '[{"parameters": {"value":\t1.0, "big": 12345678901234567890}, "__proto__": 1e400}]',
    connections: '{ }',
    settings: '{"executionOrder":"v1"}',
    tags: [{ id: '"t1"', name: '"live"' }],
  }),
  flowise('flowise', {
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
  }),
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
    answers: (text) => ({
      'GET /api/v1/version': { json: { version: '1.13.0' } },
      'GET /api/v1/flows/f1': { body: text },
    }),
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
  nodeRed('node-red', '[{"id":"t1","type":"tab"}, {"id":"i1","x": 120.0}]', '4.1.15'),
  {
    ...{ name: 'http', connector: new HttpConnector(), remoteId: 'one', options: FLOW_OPTIONS },
    ...{ document: '{ "n": 1e400 }', own: [], view: [] },
    answers: (text, saves) => ({
      'GET /flows/one': { body: `{"id":"one", "rev":${saves}, "flow":${text}}` },
    }),
  },
];

/** Documents as running tools have answered them. */
function recorded(): Sample[] {
  const workflow = captured('n8n-2.41.0.md', 'read');
  const flow = captured('flowise-3.1.4.md', 'read');
  const named = (tool: string) => `${tool}, as it was recorded`;
  const found = [
    workflow && n8n(named('n8n 2.41.0'), treeOf(JSON.parse(workflow), [...N8N_OWN, 'id'])),
    flow &&
      flowise(
        named('flowise 3.1.4'),
        treeOf(JSON.parse(flow), [...FLOWISE_OWN, ...FLOWISE_VIEW], ['flowData']),
      ),
    ...['4.1.15', '5.0.7'].map((version) => {
      const answer = captured(`node-red-${version}.md`, 'read back: credentials are gone from nodes');
      const flows = /^\{"flows":(\[.*\]),"rev":"\w+"\}$/.exec(answer ?? '')?.[1];
      return flows && nodeRed(named(`node-red ${version}`), flows, version);
    }),
  ];
  return found.filter((sample): sample is Sample => Boolean(sample));
}
const RECORDED = recorded();
if (RECORDED.length === 0)
  it.skip('documents as they were recorded: the recordings are missing', () => undefined);

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);

describe.each([...SAMPLES, ...RECORDED])('a document of $name', (sample) => {
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

describe('a file of a folder', () => {
  const connector = new FolderConnector();
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-noise-'));
  const file = join(folder, 'a.json');
  const http = outbound.open({ verifyTls: true });
  const read = async () => {
    const session = await connector.connect({
      ...{ url: folder, options: {}, credentials: {}, http, signal: new AbortController().signal },
      limits: { documentBytes: 1e6, answerBytes: 1e6, folders: [folder] },
      scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
    });
    const { config } = await session.read({ remoteId: 'a.json' });
    return { text: config.toString(), fingerprint: connector.fingerprint(config).toString('hex') };
  };
  const plainOf = (text: string) => connector.fingerprint(Buffer.from(text)).toString('hex');
  afterAll(() => {
    http.close();
    rmSync(folder, { recursive: true });
  });

  const space = fc.stringMatching(/^[ \t\r\n]{0,5}$/);
  const saves = fc.record({
    ...{ mark: fc.constantFrom('', '\ufeff'), before: space, after: space, seconds: fc.nat(2_000_000_000) },
    ...{ mode: fc.constantFrom(0o600, 0o644, 0o755), byRename: fc.boolean(), seen: draws },
  });
  const VIEW = ['extra|ds', 'extra|frontendVersion'];
  const workflow: Tree = { last_node_id: '3', nodes: '[{"id":3}]', extra: { info: '{ }' }, version: '0.4' };

  it('is stored byte for byte, and is the same state after a save without a change, by whatever program', async () => {
    await fc.assert(
      fc.asyncProperty(saves, async ({ mark, before, after, seconds, mode, byRename, seen }) => {
        for (const [tree, view] of [
          [workflow, VIEW],
          ['{ "n": 1.0,\t"a": [] }', []],
        ] as const) {
          const text = render(tree, [addedAt(view, seen)]);
          const written = byRename ? `${file}.new` : file;
          writeFileSync(written, mark + before + text + after);
          chmodSync(written, mode);
          utimesSync(written, seconds, seconds);
          if (byRename) renameSync(written, file);
          expect(await read()).toEqual({ text, fingerprint: plainOf(render(tree)) });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is another state once an editor formats it: it has to come back as it was', () => {
    expect(plainOf('{"a":1}')).not.toBe(plainOf('{ "a": 1 }'));
    // No workflow of ComfyUI: these members are somebody's own.
    expect(plainOf('{"nodes":[],"extra":{"ds":1}}')).not.toBe(plainOf('{"nodes":[],"extra":{"ds":2}}'));
  });
});
