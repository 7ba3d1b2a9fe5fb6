import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as a fake tool got it. */
export interface ToolCall {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** What a fake tool answers: JSON unless `body` is text or bytes; undefined is a 404. */
export interface ToolAnswer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string | Buffer;
}

type Handler = (call: ToolCall) => ToolAnswer | undefined | Promise<ToolAnswer | undefined>;
/** Takes the answer over from `handle`: for half bodies, endless ones, and silence. */
type Raw = (call: ToolCall, response: ServerResponse) => void;

/** An HTTP server on loopback that answers as a tool does. */
export class FakeTool {
  readonly calls: ToolCall[] = [];
  handle: Handler;
  raw: Raw | null = null;

  private constructor(
    private readonly server: Server,
    handle: Handler,
    private readonly protocol: 'http' | 'https',
  ) {
    this.handle = handle;
  }

  /** With `tls`, a server for https:// with that certificate. */
  static async start(
    handle: Handler = () => undefined,
    tls?: { key: Buffer; cert: Buffer },
  ): Promise<FakeTool> {
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      void tool.answer(request, response);
    const server = tls ? createSecureServer(tls, answer) : createServer(answer);
    const tool = new FakeTool(server, handle, tls ? 'https' : 'http');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tool;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.protocol}://127.0.0.1:${this.port}`;
  }

  /** The paths that were asked for, with their methods. */
  get paths(): string[] {
    return this.calls.map(({ method, url }) => `${method} ${url}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const call = { method, url, headers, body: Buffer.concat(chunks) };
    this.calls.push(call);
    if (this.raw) return this.raw(call, response);
    const answer = (await this.handle(call)) ?? { status: 404, json: { message: 'Not Found' } };
    const body = answer.body ?? JSON.stringify(answer.json ?? null);
    const type = answer.body === undefined ? 'application/json; charset=utf-8' : 'text/plain';
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers });
    response.end(body);
  }
}

/** A document store that the `http` connector reads: `[{"id", "name", "rev", "flow"}]` at `/flows`. */
export class FlowServer {
  readonly flows = new Map<string, { name: string; rev: number; text: string }>();
  /** The list as exact text; instead of the flows where it is set. */
  pageSize = 1_000;

  private constructor(readonly tool: FakeTool) {
    tool.handle = (call) => this.handle(call);
  }

  static async start(): Promise<FlowServer> {
    return new FlowServer(await FakeTool.start());
  }

  get url(): string {
    return this.tool.url;
  }

  /** Adds or changes a flow; its revision grows. */
  put(id: string, text: string, name = `Flow ${id}`): void {
    const rev = (this.flows.get(id)?.rev ?? 0) + 1;
    this.flows.set(id, { name, rev, text });
  }

  close(): Promise<void> {
    return this.tool.close();
  }

  private handle({ url }: ToolCall): ToolAnswer | undefined {
    const { pathname, searchParams } = new URL(url, this.url);
    const one = /^\/flows\/([^/]+)$/.exec(pathname);
    if (one) {
      const flow = this.flows.get(decodeURIComponent(one[1]!));
      return flow && { body: textOf(decodeURIComponent(one[1]!), flow) };
    }
    if (pathname !== '/flows') return undefined;
    const from = Number(searchParams.get('from') ?? 0);
    const page = [...this.flows].slice(from, from + this.pageSize);
    const items = page.map(([id, { name, rev }]) => ({ id, name, rev }));
    const next = from + this.pageSize < this.flows.size ? `/flows?from=${from + this.pageSize}` : null;
    return { json: { items, next } };
  }
}

function textOf(id: string, { name, rev, text }: { name: string; rev: number; text: string }): string {
  return `{ "id": ${JSON.stringify(id)}, "name": ${JSON.stringify(name)}, "rev": ${rev}, "flow": ${text} }`;
}

/** The options with which the `http` connector reads a `FlowServer`. */
export const FLOW_OPTIONS = {
  list_path: '/flows',
  items: '/items',
  next: '/next',
  changed: '/rev',
  document_path: '/flows/{id}',
  document: '/flow',
};
