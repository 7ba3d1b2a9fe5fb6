import { createHash } from 'node:crypto';
import { FakeTool, type ToolAnswer, type ToolCall } from './fake-tool';

interface Node {
  id: string;
  type: string;
  credentials?: Record<string, string>;
  [member: string]: unknown;
}

/** Node-RED 4.1 as it was recorded: sign-in, flows with a content-addressed revision, credentials kept aside. */
export class FakeNodeRed {
  /** Users with their passwords and permissions; none: an open instance. */
  users = new Map<string, { password: string; permissions: '*' | 'read' }>([
    ['admin', { password: 'pw12345', permissions: '*' }],
    ['ro', { password: 'pw12345', permissions: 'read' }],
  ]);
  types = ['inject', 'debug', 'mqtt-broker', 'http request'];
  flows: Node[] = [];
  readonly credentials = new Map<string, Record<string, string>>();
  private readonly tokens = new Map<string, '*' | 'read'>();

  private constructor(readonly tool: FakeTool) {
    tool.handle = (call) => this.handle(call);
  }

  static async start(): Promise<FakeNodeRed> {
    return new FakeNodeRed(await FakeTool.start());
  }

  get url(): string {
    return this.tool.url;
  }

  /** SHA-256 of the flows as Node-RED prints them. */
  get rev(): string {
    return createHash('sha256').update(JSON.stringify(this.flows)).digest('hex');
  }

  close(): Promise<void> {
    return this.tool.close();
  }

  /** As a deploy in the editor: credentials go aside, and those of removed nodes are forgotten. */
  deploy(flows: Node[]): void {
    this.flows = flows.map(({ credentials, ...node }) => {
      if (credentials) this.credentials.set(node.id, credentials);
      return node;
    });
    const ids = new Set(this.flows.map(({ id }) => id));
    for (const id of this.credentials.keys()) if (!ids.has(id)) this.credentials.delete(id);
  }

  private handle(call: ToolCall): ToolAnswer | undefined {
    const route = `${call.method} ${call.url}`;
    const isOpen = this.users.size === 0;
    if (route === 'GET /auth/login')
      return {
        json: isOpen ? {} : { type: 'credentials', prompts: [{ id: 'username' }, { id: 'password' }] },
      };
    if (route === 'POST /auth/token') return this.token(call);
    const permissions = isOpen ? '*' : this.tokens.get(call.headers.authorization?.slice(7) ?? '');
    if (!permissions) return { status: 401, body: 'Unauthorized' };
    if (route === 'GET /settings') return { json: { httpNodeRoot: '/', version: '4.1.15' } };
    if (route === 'GET /nodes')
      return { json: this.types.map((type) => ({ id: `node-red/${type}`, types: [type], enabled: true })) };
    if (route === 'GET /flows') return { json: { flows: this.flows, rev: this.rev } };
    if (route !== 'POST /flows') return undefined;
    return permissions === '*' ? this.write(call) : { status: 401, body: '' };
  }

  private token({ body }: ToolCall): ToolAnswer {
    const { username, password, scope } = JSON.parse(body.toString()) as Record<string, string>;
    const user = this.users.get(username!);
    if (!user || user.password !== password || (scope === '*' && user.permissions === 'read'))
      return { status: 401, json: { error: 'invalid_grant' } };
    const token = `token-${this.tokens.size}`;
    this.tokens.set(token, user.permissions);
    return { json: { access_token: token, expires_in: 604_800, token_type: 'Bearer' } };
  }

  private write({ body }: ToolCall): ToolAnswer {
    const { flows, rev } = JSON.parse(body.toString()) as { flows: Node[]; rev?: string };
    if (!Array.isArray(flows))
      return { status: 400, json: { code: 'unexpected_error', message: 'config.forEach is not a function' } };
    if (rev !== undefined && rev !== this.rev)
      return { status: 409, json: { code: 'version_mismatch', message: 'Error' } };
    this.deploy(flows);
    return { json: { rev: this.rev } };
  }
}
