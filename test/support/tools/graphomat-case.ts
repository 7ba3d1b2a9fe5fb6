import { HttpConnector } from '../../../src/sources/connectors/generic-http/http.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool, type ToolAnswer, type ToolCall } from './fake-tool';

interface Graph {
  title: string;
  config: string;
  saves: number;
}

/** A page of a list that was asked for without a size. */
const PAGE = 100;
const START = Date.UTC(2026, 10, 1);

/** A GraphOMAT: form login, a list in pages without addresses, and a document for each graph. */
class FakeGraphomat {
  readonly graphs = new Map<string, Graph>();
  private constructor(readonly tool: FakeTool) {
    tool.handle = (call) => this.handle(call);
  }

  static async start(): Promise<FakeGraphomat> {
    return new FakeGraphomat(await FakeTool.start());
  }

  save(id: string, config: string): void {
    const saves = (this.graphs.get(id)?.saves ?? 0) + 1;
    this.graphs.set(id, { title: `Graph ${id}`, config, saves });
  }

  private handle({ method, url, headers, body }: ToolCall): ToolAnswer | undefined {
    const { pathname, searchParams } = new URL(url, this.tool.url);
    if (`${method} ${pathname}` === 'POST /api/v1/auth/login') return signIn(headers, body);
    if (headers.authorization !== 'Bearer access-1')
      return { status: 401, json: { detail: 'Not authenticated' } };
    if (pathname === '/api/v1/graphs/') {
      const skip = Number(searchParams.get('skip') ?? 0);
      const page = [...this.graphs].slice(skip, skip + PAGE).map(([id, graph]) => factsOf(id, graph));
      return { body: `[${page.map((facts) => `{${facts}}`).join(', ')}]` };
    }
    const id = /^\/api\/v1\/graphs\/([^/]+)$/.exec(pathname)?.[1];
    const graph = id === undefined ? undefined : this.graphs.get(id);
    return graph && { body: `{${factsOf(id!, graph)}, "config": ${graph.config}}` };
  }
}

function signIn(headers: ToolCall['headers'], body: Buffer): ToolAnswer {
  const form = new URLSearchParams(body.toString());
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  if (!isForm || form.get('username') !== 'me@example.org' || form.get('password') !== 'right')
    return { status: 401, json: { detail: 'Incorrect username or password' } };
  return { json: { access_token: 'access-1', token_type: 'bearer' } };
}

function factsOf(id: string, { title, saves }: Graph): string {
  const updated = new Date(START + saves * 60_000).toISOString();
  return `"id": "${id}", "title": "${title}", "description": null, "updated_at": "${updated}"`;
}

/** The `http` connector with the preset `graphomat`. */
export const GRAPHOMAT_CASE: ConnectorCase = {
  name: 'http, preset graphomat',
  connector: new HttpConnector(),
  start: async () => {
    const graphomat = await FakeGraphomat.start();
    const textOf = (content: number) => `{"nodes": [], "v": ${content}.0}`;
    return {
      tool: graphomat.tool,
      url: graphomat.tool.url,
      options: { preset: 'graphomat' },
      credentials: { username: 'me@example.org', password: 'right' },
      wrongCredentials: { username: 'me@example.org', password: 'wrong-secret' },
      put: (id, content) => {
        graphomat.save(id, textOf(content));
        return { remoteId: id, title: `Graph ${id}`, config: textOf(content) };
      },
      touch: (id) => graphomat.save(id, graphomat.graphs.get(id)!.config),
      remove: (id) => void graphomat.graphs.delete(id),
      close: () => graphomat.tool.close(),
    };
  },
};
