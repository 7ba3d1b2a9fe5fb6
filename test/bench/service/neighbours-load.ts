import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** What the other process asks for: requests of one user, over and over, on so many connections. */
export interface LoadOrder {
  url: string;
  token: string;
  connections: number;
  method: string;
  path: string;
  body?: string;
  /** `anonymous-bodies`: 15 MB without a token; `pipelined`: 3,000 GETs at once on each connection. */
  kind: 'plain' | 'anonymous-bodies' | 'pipelined';
}

const BODY_BYTES = 15_000_000;
const PIPELINED = 3_000;
const statuses = new Map<number, number>();

process.on('message', (message: LoadOrder | 'stop') => {
  if (message === 'stop') {
    process.send?.(Object.fromEntries(statuses));
    setImmediate(() => process.exit());
    return;
  }
  for (let at = 0; at < message.connections; at += 1) void run(message);
});

async function run(order: LoadOrder): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const once = { plain: plain, 'anonymous-bodies': anonymousBody, pipelined: pipelined }[order.kind];
  for (;;) {
    const status = await once(order, agent).catch(() => 0);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    // A client that is refused waits a little, as any would.
    if (status === 429 || status === 503 || status === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function plain({ url, token, method, path, body }: LoadOrder, agent: Agent): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers, agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

function anonymousBody({ url, path }: LoadOrder): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': BODY_BYTES };
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject).end(Buffer.alloc(BODY_BYTES, ' '));
  });
}

function pipelined({ url, token, path }: LoadOrder): Promise<number> {
  const { hostname, port } = new URL(url);
  const one = `GET ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${`${one}\r\n`.repeat(PIPELINED - 1)}${one}connection: close\r\n\r\n`),
    );
    socket.resume().on('error', reject);
    socket.on('close', () => resolve(200));
  });
}
