import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';

/** An answer, with its body as the exact bytes that came. */
export class ApiAnswer {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly bytes: Buffer,
  ) {}

  get text(): string {
    return this.bytes.toString('utf8');
  }

  /** The body as JSON; the caller says what it expects. */
  json<T = Record<string, unknown>>(): T {
    return JSON.parse(this.text) as T;
  }

  /** The bytes of the answer's last member `config`, as they came. */
  get configBytes(): Buffer {
    const mark = Buffer.from('"config":');
    const at = this.bytes.indexOf(mark);
    if (at < 0) throw new Error(`There is no config in this answer: ${this.text.slice(0, 500)}`);
    return this.bytes.subarray(at + mark.length, this.bytes.length - 1);
  }
}

type Body = string | Buffer | object | undefined;

/** Closes a connection before the service does, which could otherwise happen while a request is being sent on it. */
const CONNECTIONS = new Agent({ keepAlive: true, timeout: 2_000 });
/** What the clients of a user's programs send as well. */
const LIKE_FETCH = { accept: '*/*', 'accept-language': '*', 'sec-fetch-mode': 'cors', 'user-agent': 'node' };

/**
 * One request and its answer, also one that comes before the body has been sent. `fetch` takes more CPU time for it than
 * the service does.
 */
export function exchange(
  options: RequestOptions,
  body: string | Buffer | undefined,
  again = options.method === 'GET',
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const sent = request(options, (answer) => {
      answered = true;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve(new ApiAnswer(answer.statusCode ?? 0, headersOf(answer), Buffer.concat(chunks))),
      );
    });
    // A server that has answered may close while the rest of the body is still being sent.
    sent.on('error', (error) => {
      if (answered) return;
      // The service may have closed a kept connection a moment before; browsers send a GET again then, too.
      if (again && sent.reusedSocket) resolve(exchange(options, body, false));
      else reject(error);
    });
    sent.end(body);
  });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  return headers;
}

/** A client that sends exactly what it is given: strings and buffers as they are, objects as JSON. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly token?: string,
    /** The signed-in user's id. */
    readonly userId?: string,
    /** What the user signed in with. */
    readonly credentials?: { readonly email: string; readonly password: string },
  ) {}

  get(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: Body, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body?: Body, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('PUT', path, body, headers);
  }

  head(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('HEAD', path, undefined, headers);
  }

  delete(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('DELETE', path, undefined, headers);
  }

  send(method: string, path: string, body?: Body, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const bytes =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const { hostname, port, pathname, search } = new URL(this.url + path);
    const all = {
      ...LIKE_FETCH,
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(bytes !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(bytes),
      }),
      ...headers,
    };
    const options = { agent: CONNECTIONS, hostname, port, method, path: pathname + search, headers: all };
    return exchange(options, bytes);
  }

  /** The same client, signed in. */
  async signIn(email: string, password: string): Promise<ApiClient> {
    const answer = await this.post('/api/v1/auth/login', { email, password });
    if (answer.status !== 200) throw new Error(`Signing in failed: ${answer.text}`);
    const signedIn = new ApiClient(this.url, answer.json<{ access_token: string }>().access_token);
    const me = (await signedIn.get('/api/v1/auth/me')).json<{ id: string }>();
    return new ApiClient(this.url, signedIn.token, me.id, { email, password });
  }

  /** The same user with a new token, for when a test has moved the clock past the old one's end. */
  signInAgain(): Promise<ApiClient> {
    if (!this.credentials) throw new Error('This client has never signed in.');
    return this.signIn(this.credentials.email, this.credentials.password);
  }
}

/** The body of a graph whose config is these exact bytes. */
export function graphBody(title: string, config: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`{"title":${JSON.stringify(title)},"config":`),
    Buffer.from(config),
    Buffer.from('}'),
  ]);
}
