import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import type { OutboundSession } from '../../src/platform/outbound/outbound-session';
import { ComfyuiConnector } from '../../src/sources/connectors/comfyui/comfyui.connector';
import type { Connector, ConnectorSession, Push } from '../../src/sources/connectors/connector';
import { PushConflictError, PushRefusedError } from '../../src/sources/connectors/connector-errors';
import { FlowiseConnector } from '../../src/sources/connectors/flowise/flowise.connector';
import { GrafanaConnector } from '../../src/sources/connectors/grafana/grafana.connector';
import { LangflowConnector } from '../../src/sources/connectors/langflow/langflow.connector';
import { N8nConnector } from '../../src/sources/connectors/n8n/n8n.connector';
import { COMMON_OPTIONS, withDefaults } from '../../src/sources/domain/fields';
import { FakeTool, type ToolAnswer, type ToolCall } from '../support/tools/fake-tool';

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);

let tool: FakeTool;
let http: OutboundSession;
beforeEach(async () => {
  tool = await FakeTool.start();
  http = outbound.open({ verifyTls: true });
});
afterEach(async () => {
  http.close();
  await tool.close();
});

/** A session with a tool that answers requests by `METHOD path`, without the query; everything else is a 404. */
function connect(connector: Connector, answers: Record<string, ToolAnswer>): Promise<ConnectorSession> {
  tool.handle = ({ method, url }: ToolCall) => answers[`${method} ${url.split('?')[0]}`];
  return connector.connect({
    url: tool.url,
    options: withDefaults({ ...COMMON_OPTIONS, ...connector.options }, {}),
    credentials: { token: 'right', api_key: 'right' },
    http,
    signal: new AbortController().signal,
    limits: { documentBytes: 1e6, answerBytes: 1e6, folders: [] },
    scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
  });
}

const push = (remoteId: string | null, config: string): Push => ({
  ...{ remoteId, formerId: remoteId ?? 'former', title: 'Hosts', config: Buffer.from(config), present: null },
});
const lastWrite = () => tool.calls.filter(({ method }) => method !== 'GET').at(-1)!;

describe('a push to a Grafana with /apis', () => {
  const APIS = { json: { versions: [{ version: 'v2' }, { version: 'v1' }] } };
  const PATH = '/apis/dashboard.grafana.app/v2/namespaces/default/dashboards';
  const resource = (spec: string, annotations = '{"grafana.app/folder":"f1"}') =>
    `{"apiVersion":"dashboard.grafana.app/v2","kind":"Dashboard","metadata":{"name":"one","resourceVersion":"7","labels":{"team":"a"},"annotations":${annotations}},"spec":${spec},"status":{}}`;
  const grafana = (annotations?: string, more: Record<string, ToolAnswer> = {}) =>
    connect(new GrafanaConnector(), {
      'GET /apis/dashboard.grafana.app': APIS,
      [`GET ${PATH}/one`]: { body: resource('{"title":"Now"}', annotations) },
      ...more,
    });

  it('replaces the spec and keeps folder, labels and the revision that Grafana compares', async () => {
    const session = await grafana(undefined, { [`PUT ${PATH}/one`]: { json: {} } });
    await session.push!(push('one', resource('{"title": "Then", "n": 1.0}', '{"grafana.app/folder":"old"}')));
    expect(lastWrite().body.toString()).toBe(
      resource('{"title": "Then", "n": 1.0}').replace(',"status":{}', ''),
    );
  });

  it('is refused for a dashboard that is managed elsewhere, before anything is sent', async () => {
    const session = await grafana('{"grafana.app/managedBy":"repo"}');
    const { warnings } = await session.planPush!(push('one', resource('{}')));
    expect(warnings).toEqual([{ code: 'managed', message: expect.stringContaining('repo') as string }]);
    await expect(session.push!(push('one', resource('{}')))).rejects.toThrow(PushRefusedError);
    expect(tool.calls.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('is a conflict if the dashboard was saved in between', async () => {
    const conflict = { status: 409, json: { message: 'the object has been modified' } };
    const session = await grafana(undefined, { [`PUT ${PATH}/one`]: conflict });
    await expect(session.push!(push('one', resource('{}')))).rejects.toThrow(PushConflictError);
  });

  it('creates a dashboard that is gone, without its manager', async () => {
    const session = await grafana(undefined, { [`POST ${PATH}`]: { json: { metadata: { name: 'one' } } } });
    const gone = resource('{}', '{"grafana.app/managedBy":"repo","grafana.app/folder":"f1"}');
    expect(await session.push!(push(null, gone))).toEqual({ remoteId: 'one' });
    expect(lastWrite().body.toString()).toBe(resource('{}'));
  });

  it('is refused for a document of another form', async () => {
    const session = await grafana();
    await expect(session.push!(push('one', '{"panels":[]}'))).rejects.toThrow(/apiVersion, spec/);
  });
});

describe('a push to an older Grafana', () => {
  const CLASSIC = '{"title":"Hosts","uid":"one","panels":[{"n": 1.0}]}';
  const present = (meta: object) => ({ json: { meta, dashboard: { id: 4, version: 9, uid: 'one' } } });
  const grafana = (meta: object, write: ToolAnswer) =>
    connect(new GrafanaConnector(), {
      'GET /api/dashboards/uid/one': present(meta),
      'POST /api/dashboards/db': write,
    });

  it('names the version that Grafana compares, and the folder, and keeps the bytes', async () => {
    const session = await grafana({ folderUid: 'f1' }, { json: { uid: 'one', version: 10 } });
    await session.push!(push('one', CLASSIC));
    expect(lastWrite().body.toString()).toBe(
      `{"dashboard":{"id":null,"version":9,${CLASSIC.slice(1)},"folderUid":"f1","message":"Restored","overwrite":false}`,
    );
  });

  it('is a conflict, a refusal with the reason, or refused at once when the dashboard is provisioned', async () => {
    const mismatch = {
      status: 412,
      json: { status: 'version-mismatch', message: 'changed by someone else' },
    };
    await expect((await grafana({}, mismatch)).push!(push('one', CLASSIC))).rejects.toThrow(
      PushConflictError,
    );
    const taken = { status: 412, json: { status: 'name-exists', message: 'same name exists' } };
    await expect((await grafana({}, taken)).push!(push('one', CLASSIC))).rejects.toThrow('same name exists');
    const provisioned = await grafana({ provisioned: true }, { json: {} });
    await expect(provisioned.push!(push('one', CLASSIC))).rejects.toThrow(/provisioned from a file/);
  });
});

describe('a push to Flowise', () => {
  const FLOW = '{"id":"a","name":"Bot","flowData":"{}","type":"CHATFLOW"}';
  const UPDATE = { 'PUT /api/v1/chatflows/a': { json: {} } };
  const CREATE = { 'POST /api/v1/chatflows': { json: { id: 'b' } } };
  const flowise = (answers: Record<string, ToolAnswer>) => connect(new FlowiseConnector(), answers);

  it('sends the flow as it was stored, and without its id to create it', async () => {
    const session = await flowise({ ...UPDATE, ...CREATE });
    expect(await session.push!(push('a', FLOW))).toEqual({ remoteId: 'a' });
    expect(lastWrite().body.toString()).toBe(FLOW);
    expect((await session.planPush!(push(null, FLOW))).warnings.map(({ code }) => code)).toEqual(['new-id']);
    expect(await session.push!(push(null, FLOW))).toEqual({ remoteId: 'b' });
    expect(lastWrite().body.toString()).toBe(FLOW.replace('"id":"a",', ''));
  });

  it('leaves a flow public or not as it is, and keeps the key that protects a new one', async () => {
    const access = '"isPublic":true,"apikeyid":"k1"';
    const stored = `{"id":"a","name":"Bot",${access},"deployed":false,"flowData":"{}"}`;
    const session = await flowise({ ...UPDATE, ...CREATE });
    await session.push!(push('a', stored));
    expect(lastWrite().body.toString()).toBe('{"id":"a","name":"Bot","flowData":"{}"}');
    const { warnings } = await session.planPush!(push(null, stored));
    expect(warnings.map(({ code }) => code)).toEqual(['new-id', 'not-public']);
    await session.push!(push(null, stored));
    expect(lastWrite().body.toString()).toBe(
      '{"name":"Bot","apikeyid":"k1","deployed":false,"flowData":"{}"}',
    );
  });

  it('repeats the reason of Flowise, and refuses another document', async () => {
    const reason = { status: 500, json: { message: 'Invalid flowData' } };
    const session = await flowise({ 'PUT /api/v1/chatflows/a': reason });
    await expect(session.push!(push('a', FLOW))).rejects.toThrow('Invalid flowData');
    await expect(session.push!(push('a', '{"nodes":[]}'))).rejects.toThrow(/no flowData/);
  });
});

describe('a push to Langflow', () => {
  const FLOW = '{"id":"a","name":"Flow","data":{"nodes":[],"edges":[]}}';

  it('writes the flow under its id, and changes it in releases that can not create it so', async () => {
    const put = await connect(new LangflowConnector(), { 'PUT /api/v1/flows/a': { json: {} } });
    expect(await put.push!(push(null, FLOW))).toEqual({ remoteId: 'a', warnings: [] });
    expect(lastWrite().body.toString()).toBe(FLOW);
    const patch = await connect(new LangflowConnector(), {
      'PUT /api/v1/flows/a': { status: 405, json: { detail: 'Method Not Allowed' } },
      'PATCH /api/v1/flows/a': { json: {} },
    });
    await patch.push!(push('a', FLOW));
    expect(lastWrite().method).toBe('PATCH');
    await expect(patch.push!(push(null, FLOW))).rejects.toThrow('Method Not Allowed');
  });

  const PLACED = FLOW.replace('"data"', '"folder_id":"old","access_type":"PUBLIC","data"');

  it('leaves a flow in its folder, and as visible as it is', async () => {
    const session = await connect(new LangflowConnector(), { 'PUT /api/v1/flows/a': { json: {} } });
    await session.push!(push('a', PLACED));
    expect(lastWrite().body.toString()).toBe(FLOW);
  });

  it('creates a flow in the folder that it had, or says that this is gone', async () => {
    const session = await connect(new LangflowConnector(), {});
    tool.handle = ({ body }) =>
      body.includes('folder_id') ? { status: 400, json: { detail: 'Folder not found' } } : { json: {} };
    const { warnings } = await session.push!(push(null, PLACED));
    expect(warnings!.map(({ code }) => code)).toEqual(['folder-gone']);
    const sent = tool.calls.filter(({ method }) => method === 'PUT').map(({ body }) => body.toString());
    expect(sent).toEqual([PLACED, PLACED.replace('"folder_id":"old",', '')]);
  });

  describe('is planned with a warning of secret fields', () => {
    const secret = (value: unknown) => ({ display_name: 'API Key', password: true, value });
    const node = (id: string, fields: object, more: object = {}) => ({
      id,
      data: { node: { display_name: `Node ${id}`, template: { _type: 'Component', ...fields }, ...more } },
    });
    const flowOf = (...nodes: object[]) => ({ id: 'a', name: 'Flow', data: { nodes, edges: [] } });
    const warningsOf = async (version: object, present: object | null) => {
      const session = await connect(new LangflowConnector(), {});
      const { warnings } = await session.planPush!({
        ...push(present && 'a', JSON.stringify(version)),
        present: present && {
          ...{ title: 'Flow', changedAt: null, revision: null },
          config: Buffer.from(JSON.stringify(present)),
        },
      });
      return warnings;
    };
    const filled = flowOf(node('A', { api_key: secret('typed in') }), node('B', { api_key: secret('VAR') }));

    it('that the version leaves empty, in words, without values', async () => {
      // As a version of Langflow's own history: the values of secret fields are gone.
      const version = flowOf(node('A', { api_key: secret(null) }), node('B', { api_key: secret('') }));
      const [warning, ...more] = await warningsOf(version, filled);
      expect(more).toEqual([]);
      expect(warning!.code).toBe('secrets-empty');
      expect(warning!.message).toMatch(
        /2 secret fields: Node A: API Key, Node B: API Key\..* enter them again/,
      );
      expect(warning!.message).not.toMatch(/typed in|VAR/);
    });

    it('of nodes that Langflow does not have any more, and inside of groups', async () => {
      const group = node('G', {}, { flow: flowOf(node('C', { token: { password: true } })) });
      const version = flowOf(node('A', { api_key: secret(null) }), group);
      for (const present of [null, flowOf()]) {
        const [warning] = await warningsOf(version, present);
        expect(warning!.message).toContain('Node A: API Key, Node C: token.');
      }
    });

    it('and without one if nothing is lost', async () => {
      expect(await warningsOf(filled, filled)).toEqual([]);
      // Never filled; no secret; no template.
      const empty = flowOf(node('A', { api_key: secret('') }), node('B', { text: { value: '' } }), {
        id: 'N',
      });
      expect(await warningsOf(empty, empty)).toEqual([]);
    });
  });
});

describe('a push to ComfyUI', () => {
  it('replaces the file, and never another one to create it', async () => {
    const session = await connect(new ComfyuiConnector(), {
      'POST /userdata/workflows%2Fsub%2Fa.json': { json: 'workflows/sub/a.json' },
      'POST /userdata/workflows%2Fsub%2Fgone.json': { json: 'workflows/sub/gone.json' },
      'POST /userdata/workflows%2Ftaken.json': { status: 409, body: '' },
    });
    await session.push!(push('sub/a.json', '{"nodes": []}'));
    expect(lastWrite().url).toContain('overwrite=true');
    expect(lastWrite().body.toString()).toBe('{"nodes": []}');
    // Under its path, whatever its title is here.
    const former = (formerId: string) => ({ ...push(null, '{}'), formerId });
    expect(await session.push!(former('sub/gone.json'))).toEqual({ remoteId: 'sub/gone.json' });
    await expect(session.push!(former('taken.json'))).rejects.toThrow(PushConflictError);
    expect(lastWrite().url).toContain('overwrite=false');
  });
});

it.each([
  [new GrafanaConnector(), '{"metadata":{"annotations":{"f":"%"}},"spec":{"n":1}}'],
  [new LangflowConnector(), '{"id":"a","folder_id":"%","access_type":"%","data":{"nodes":[]}}'],
  [new FlowiseConnector(), '{"id":"a","apikeyid":"%","isPublic":"%","deployed":"%","flowData":"{}"}'],
  [new N8nConnector(), '{"name":"a","nodes":[],"tags":["%"],"isArchived":"%"}'],
])(
  'what a push leaves as it is does not make it another version than the pushed one (%#)',
  (connector, text) => {
    const [here, there] = ['1', '2'].map((value) => Buffer.from(text.replaceAll('%', value)));
    expect(connector.pushedFingerprint(here!)).toEqual(connector.pushedFingerprint(there!));
    expect(connector.fingerprint(here!)).not.toEqual(connector.fingerprint(there!));
  },
);
