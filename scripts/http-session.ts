import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** An answer, with its body as the exact bytes. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A signed-in user over keep-alive connections. Sends and receives exact bytes. */
export class HttpSession {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    connections = 8,
    /** Of a session that has signed in, also at another start of the service. */
    private token?: string,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Registers the account where it is new, and signs in. */
  async signIn(email: string, password: string): Promise<void> {
    this.token = undefined;
    const credentials = Buffer.from(JSON.stringify({ email, password }));
    await this.send('POST', '/api/v1/auth/register', credentials);
    const answer = await this.send('POST', '/api/v1/auth/login', credentials);
    if (answer.status !== 200)
      throw new Error(`Signing in failed with ${answer.status}: ${answer.body.toString()}`);
    this.token = (JSON.parse(answer.body.toString()) as { access_token: string }).access_token;
  }

  /** The access token of the session, for callers that speak HTTP themselves. */
  get accessToken(): string {
    if (this.token === undefined) throw new Error('Sign in first.');
    return this.token;
  }

  get hasToken(): boolean {
    return this.token !== undefined;
  }

  send(method: string, path: string, body?: Buffer): Promise<HttpAnswer> {
    const headers = {
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method, headers, agent: this.agent }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        );
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** A request body whose config is these exact bytes. */
export function graphBody(title: string, config: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`{"title":${JSON.stringify(title)},"config":`),
    Buffer.from(config),
    Buffer.from('}'),
  ]);
}

const CONFIG_MARK = Buffer.from('"config":');

/** The exact bytes of an answer's last member, `config`. */
export function configOf(body: Buffer): Buffer {
  const at = body.indexOf(CONFIG_MARK);
  if (at < 0) throw new Error('This answer has no config.');
  return body.subarray(at + CONFIG_MARK.length, body.length - 1);
}
