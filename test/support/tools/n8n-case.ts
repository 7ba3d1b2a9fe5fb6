import { N8nConnector } from '../../../src/sources/connectors/n8n/n8n.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool, type ToolAnswer, type ToolCall } from './fake-tool';

interface Workflow {
  id: string;
  name: string;
  description: string | null;
  active: boolean;
  /** JSON text of the nodes, as n8n would answer it. */
  nodes: string;
  versionId: number;
  saves: number;
  history: { versionId: number; nodes: string; at: number }[];
}

const NOT_PUBLISHED =
  "Your change was saved as a draft. It wasn't published because this API key does not have the workflow:activate scope.";
const START = Date.UTC(2026, 10, 1);

/** A fake of n8n 2.41: what it answers, refuses and counts was recorded from a running one. */
export class FakeN8n {
  readonly workflows = new Map<string, Workflow>();
  /** Fields of a PUT that this n8n does not know; answered as n8n answers. */
  unknown: string[] = [];
  /** Its `openapi.yml`; a 404 without one. */
  description: string | null = null;
  pageSize = 100;
  /** Whether the key has the scope `workflow:activate`. */
  mayActivate = true;

  private constructor(readonly tool: FakeTool) {
    tool.handle = (call) => this.handle(call);
  }

  static async start(): Promise<FakeN8n> {
    return new FakeN8n(await FakeTool.start());
  }

  /** Saves a workflow. Its version is a new one only if its nodes changed. */
  save(id: string, nodes: string, name = `Workflow ${id}`): Workflow {
    const before = this.workflows.get(id);
    const saves = (before?.saves ?? 0) + 1;
    const isNew = before?.nodes !== nodes;
    const versionId = (before?.versionId ?? 0) + (isNew ? 1 : 0);
    const history = before?.history ?? [];
    if (isNew) history.unshift({ versionId, nodes, at: START + saves * 60_000 });
    const description = before?.description ?? null;
    const workflow = {
      id,
      name,
      description,
      active: before?.active ?? false,
      nodes,
      versionId,
      saves,
      history,
    };
    this.workflows.set(id, workflow);
    return workflow;
  }

  private handle({ method, url, headers, body }: ToolCall): ToolAnswer | undefined {
    if (url === '/api/v1/openapi.yml')
      return this.description === null ? undefined : { body: this.description };
    if (headers['x-n8n-api-key'] !== 'right') return { status: 401, json: { message: 'Unauthorized' } };
    const { pathname, searchParams } = new URL(url, this.tool.url);
    const [, id, part, version] =
      /^\/api\/v1\/workflows(?:\/([^/]+)(?:\/(history|versions)(?:\/([^/]+))?)?)?$/.exec(pathname) ?? [];
    if (!pathname.startsWith('/api/v1/workflows')) return undefined;
    if (method === 'PUT' || method === 'POST') return this.write(id, body, searchParams);
    if (id === undefined) return this.list(searchParams);
    const workflow = this.workflows.get(decodeURIComponent(id));
    if (!workflow) return undefined;
    if (part === 'history') {
      const data = workflow.history.map(({ versionId, at }) => ({
        ...{ versionId: String(versionId), workflowId: id, authors: 'O W', name: null },
        createdAt: new Date(at).toISOString(),
      }));
      return { json: { data, nextCursor: null } };
    }
    if (part !== 'versions') return { body: textOf(workflow, true) };
    const past = workflow.history.find(({ versionId }) => String(versionId) === version);
    return (
      past && { body: `{"versionId":"${version}","nodes":${past.nodes},"connections":{},"authors":"O W"}` }
    );
  }

  private list(query: URLSearchParams): ToolAnswer {
    const from = Number(query.get('cursor') ?? 0);
    const size = Math.min(this.pageSize, Number(query.get('limit') ?? 100));
    const all = [...this.workflows.values()].filter(({ active }) => active || query.get('active') !== 'true');
    const page = all.slice(from, from + size).map((workflow) => textOf(workflow, false));
    const next = from + size < all.length ? `"${from + size}"` : 'null';
    return { body: `{"data":[${page.join(',')}],"nextCursor":${next}}` };
  }

  private write(id: string | undefined, body: Buffer, query: URLSearchParams): ToolAnswer {
    const sent = JSON.parse(body.toString()) as Record<string, unknown>;
    const readOnly = ['id', 'active', 'createdAt', 'updatedAt', 'isArchived', 'versionId', 'meta', 'tags'];
    for (const name of readOnly)
      if (name in sent) return { status: 400, json: { message: `request/body/${name} is read-only` } };
    for (const name of this.unknown)
      if (name in sent)
        return { status: 400, json: { message: `request/body Unrecognized key(s) in object: '${name}'` } };
    if (sent['description'] === null)
      return { status: 400, json: { message: 'request/body/description Expected string, received null' } };
    for (const name of ['name', 'nodes', 'connections', 'settings'])
      if (!(name in sent))
        return { status: 400, json: { message: `request/body must have required property '${name}'` } };
    if (id !== undefined && !this.workflows.has(id))
      return { status: 404, json: { message: 'You do not have permission to update this workflow.' } };
    const key = id ?? `new-${this.workflows.size + 1}`;
    const saved = this.save(key, JSON.stringify(sent['nodes']), String(sent['name']));
    if (saved.active && !this.mayActivate && query.get('publishIfActive') !== 'false')
      return { status: 403, json: { message: NOT_PUBLISHED, reason: 'insufficient_api_key_scope' } };
    return { body: textOf(saved, true) };
  }
}

function textOf(workflow: Workflow, whole: boolean): string {
  const { id, name, description, active, nodes, versionId, saves } = workflow;
  const time = new Date(START + saves * 60_000).toISOString();
  const counters = `"updatedAt":"${time}","createdAt":"2026-01-01T00:00:00.000Z","versionId":"${versionId}"`;
  const own = `"id":"${id}","active":${active},"triggerCount":${saves},"meta":null,"staticData":{"last":${saves}},"shared":[{"updatedAt":"${time}"}]`;
  const more = whole
    ? `,"versionCounter":${saves},"description":${JSON.stringify(description)},"activeVersion":${active ? `{"nodes":${nodes},"connections":{}}` : 'null'}`
    : '';
  return `{${counters},${own},${documentOf(name, nodes).slice(1, -1)}${more}}`;
}

function documentOf(name: string, nodes: string): string {
  return `{"name":${JSON.stringify(name)},"nodes":${nodes},"connections":{},"settings":{"executionOrder":"v1"}}`;
}

/** The `n8n` connector against the fake. */
export const N8N_CASE: ConnectorCase = {
  name: 'n8n',
  connector: new N8nConnector(),
  start: async () => {
    const n8n = await FakeN8n.start();
    const nodes = (content: number) => `[{"name":"Start","parameters":{"value": ${content}.0}}]`;
    return {
      tool: n8n.tool,
      url: n8n.tool.url,
      options: {},
      credentials: { api_key: 'right' },
      wrongCredentials: { api_key: 'wrong-secret' },
      hasHistory: true,
      put: (name, content) => {
        n8n.save(name, nodes(content));
        const title = `Workflow ${name}`;
        const config = documentOf(title, nodes(content)).replace(/\}$/, ',"description":null}');
        return { remoteId: name, title, config };
      },
      touch: (name) => void n8n.save(name, n8n.workflows.get(name)!.nodes),
      remove: (name) => void n8n.workflows.delete(name),
      close: () => n8n.tool.close(),
    };
  },
};
