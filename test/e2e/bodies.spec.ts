import { connect, type Socket } from 'node:net';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { PATIENCE_MS, until } from '../support/within';

const MIB = 1_048_576;

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp({ MAX_BODIES_IN_FLIGHT_BYTES: String(16 * MIB) });
  user = await app.aUser();
});
afterAll(() => app.close());

/** A connection that sends what it is given, and nothing else. */
class RawConnection {
  received = '';
  private readonly closed: Promise<void>;
  private onChange: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.onChange();
    });
    socket.on('close', () => this.onChange());
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  static open(): Promise<RawConnection> {
    const { hostname, port } = new URL(app.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new RawConnection(socket)));
      socket.on('error', reject);
    });
  }

  send(head: string[], body: Buffer | string = ''): void {
    this.socket.write([...head, 'host: test', '', ''].join('\r\n'));
    this.socket.write(body);
  }

  /** Resolves once the answers so far match. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.received)) {
      if (this.socket.destroyed) throw new Error(`Closed after: ${this.received}`);
      await new Promise<void>((resolve) => (this.onChange = resolve));
    }
    return this.received;
  }

  async end(): Promise<string> {
    await this.closed;
    return this.received;
  }
}

const head = (method: string, path: string, token: string | undefined, length: number): string[] => [
  `${method} ${path} HTTP/1.1`,
  ...(token ? [`authorization: Bearer ${token}`] : []),
  'content-type: application/json',
  `content-length: ${length}`,
];

it.each([
  ['a field that no request has', (part: string) => `{"title":"x","config":{},"x":[${part}]}`],
  ['a field of the wrong kind', (part: string) => `{"title":[${part}],"config":{}}`],
])(
  'refuses a body whose fields are too large to be values, whatever the config is: %s',
  async (_, bodyOf) => {
    const answer = await user.post(GRAPHS, Buffer.from(bodyOf(`${'[],'.repeat(200_000)}1`)));
    expectProblem(answer, 400);
    expect(answer.text).toContain('larger than 524288 bytes together');
    expect((await user.post(GRAPHS, graphBody('large', `[${'[],'.repeat(200_000)}1]`))).status).toBe(201);
  },
);

describe('a request that a guard refuses', () => {
  it.each([
    ['without a token', undefined],
    ['with a bad token', 'nonsense'],
  ])('is answered before the first byte of its body: %s', async (_, token) => {
    const connection = await RawConnection.open();
    connection.send(head('POST', GRAPHS, token, 16 * MIB));
    const answer = await connection.until(/\r\n\r\n\{.*\}$/s);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/connection: close/i);
    connection.socket.destroy();
  });

  it('is answered so when the token does not allow it', async () => {
    const made = await user.post('/api/v1/auth/tokens', { name: 'reads', scopes: ['read'] });
    const { token } = made.json<{ token: string }>();
    const connection = await RawConnection.open();
    connection.send(head('PUT', `${GRAPHS}/019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11`, token, 16 * MIB));
    expect(await connection.until(/"forbidden|\/forbidden/)).toMatch(/^HTTP\/1\.1 403 /);
    connection.socket.destroy();
  });

  it('has its answer also when its client sends everything before it reads', async () => {
    const connection = await RawConnection.open();
    connection.send(head('POST', GRAPHS, undefined, 4 * MIB), Buffer.alloc(4 * MIB, ' '));
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is not followed by another one on the same connection', async () => {
    const { id } = await aGraph(user, { title: 'Stays', config: {} });
    const connection = await RawConnection.open();
    const hidden = [
      `DELETE ${GRAPHS}/${id} HTTP/1.1`,
      `authorization: Bearer ${user.token}`,
      'host: test',
      '',
      '',
    ];
    connection.send(head('POST', GRAPHS, undefined, MIB), Buffer.alloc(MIB, ' '));
    connection.socket.write(hidden.join('\r\n'));
    expect((await connection.end()).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect((await user.get(`${GRAPHS}/${id}`)).status).toBe(200);
  });

  it('keeps the connection when its body is small', async () => {
    const connection = await RawConnection.open();
    for (let times = 1; times <= 3; times++) {
      connection.send(head('POST', GRAPHS, undefined, 13), '{"title":"x"}');
      await connection.until(new RegExp(`(?:HTTP/1\\.1 401 [^]*){${times}}`));
    }
    expect(connection.socket.readyState).toBe('open');
    connection.socket.destroy();
  });
});

describe('a client that asks before it sends (Expect: 100-continue)', () => {
  const expecting = (token: string | undefined, body: Buffer) => [
    ...head('POST', GRAPHS, token, body.length),
    'expect: 100-continue',
  ];
  const body = graphBody('Asked', `["${'x'.repeat(MIB)}"]`);

  it('may send when the guards have let it pass', async () => {
    const connection = await RawConnection.open();
    connection.send(expecting(user.token, body));
    await connection.until(/^HTTP\/1\.1 100 /);
    connection.socket.write(body);
    await connection.until(/HTTP\/1\.1 201 /);
    connection.socket.destroy();
  });

  it('is never told so when they refuse it', async () => {
    const connection = await RawConnection.open();
    connection.send(expecting(undefined, body));
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('many large bodies at the same time', () => {
  it('of one user wait for each other, and another user waits for none of them', async () => {
    const other = await app.aUser();
    const first = await RawConnection.open();
    // This one holds the whole budget and does not go on.
    first.send([...head('POST', GRAPHS, user.token, 16 * MIB), 'expect: 100-continue']);
    await first.until(/^HTTP\/1\.1 100 /);
    first.socket.write(Buffer.alloc(MIB, ' '));
    const second = await RawConnection.open();
    const large = graphBody('Second', `["${'x'.repeat(MIB)}"]`);
    second.send(head('POST', GRAPHS, user.token, large.length), large);
    expect((await other.post(GRAPHS, { title: 'Small' })).status).toBe(201);
    expect((await user.post(GRAPHS, { title: 'Small' })).status).toBe(201);
    expect(second.received).toBe('');
    first.socket.destroy();
    await second.until(/^HTTP\/1\.1 201 /);
    second.socket.destroy();
  });

  it('are refused with 429 when too many of one user wait', async () => {
    const holding = await RawConnection.open();
    holding.send([...head('POST', GRAPHS, user.token, 16 * MIB), 'expect: 100-continue']);
    await holding.until(/^HTTP\/1\.1 100 /);
    const waiting = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open()));
    for (const connection of waiting) connection.send(head('POST', GRAPHS, user.token, MIB));
    const refused = await Promise.race(waiting.map((connection) => connection.until(/too-many-bodies/)));
    expect(refused).toMatch(/^HTTP\/1\.1 429 /);
    expect(refused).toMatch(/retry-after: \d+/i);
    for (const { socket } of [holding, ...waiting]) socket.destroy();
  });

  it('leave nothing behind: the budget is free again', async () => {
    const body = graphBody('Free', `["${'x'.repeat(15 * MIB)}"]`);
    // The service may not have noticed yet that the connections of the test before are gone.
    await until(PATIENCE_MS, 'room for a body', async () =>
      (await user.post(GRAPHS, body)).status === 201 ? true : undefined,
    );
    for (let times = 0; times < 3; times++) expect((await user.post(GRAPHS, body)).status).toBe(201);
  });

  it('that do not say how long they are count as they grow', async () => {
    const chunk = `${MIB.toString(16)}\r\n${' '.repeat(MIB)}\r\n`;
    const chunked = [`POST ${GRAPHS} HTTP/1.1`, `authorization: Bearer ${user.token}`];
    const headers = ['content-type: application/json', 'transfer-encoding: chunked'];
    const holding = await RawConnection.open();
    holding.send([...chunked, ...headers], chunk.repeat(14));
    const second = await RawConnection.open();
    second.send([...chunked, ...headers], chunk.repeat(8));
    const either = Promise.race([holding.until(/too-many-bodies/), second.until(/too-many-bodies/)]);
    expect(await either).toMatch(/^HTTP\/1\.1 429 /);
    for (const { socket } of [holding, second]) socket.destroy();
  });
});

describe('requests that do not wait for answers', () => {
  it('are answered one after the other, all of them and in order', async () => {
    const { id } = await aGraph(user, { title: 'Asked often', config: {} });
    const connection = await RawConnection.open();
    const ask = (number: number): string =>
      [
        `GET ${GRAPHS}/${id} HTTP/1.1`,
        'host: test',
        `authorization: Bearer ${user.token}`,
        `x-request-id: n${number}`,
        '',
        '',
      ].join('\r\n');
    const COUNT = 1_000;
    connection.socket.write(Array.from({ length: COUNT }, (_, number) => ask(number)).join(''));
    await connection.until(new RegExp(`x-request-id: n${COUNT - 1}\r\n[^]*}$`));
    const ids = [...connection.received.matchAll(/x-request-id: n(\d+)/g)].map(([, number]) =>
      Number(number),
    );
    expect(ids).toEqual(Array.from({ length: COUNT }, (_, number) => number));
    connection.socket.destroy();
  });

  it('ends with the connection that asks for another protocol and an address that cannot be decoded', async () => {
    const connection = await RawConnection.open();
    connection.send(
      ['POST /%ff HTTP/1.1', 'connection: upgrade', 'upgrade: websocket', `content-length: ${MIB}`],
      Buffer.alloc(MIB, ' '),
    );
    const answer = await connection.end();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/connection: close/i);
  });
});
