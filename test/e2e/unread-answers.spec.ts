import { connect, type Socket } from 'node:net';
import { AppConfig } from '../../src/platform/config/app-config';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { PATIENCE_MS, until } from '../support/within';

const BYTES = 12_000_000;
/** So many answers of 12 MB exceed 64 MiB, whatever the buffers of their connections take. */
const CONNECTIONS = 12;

let app: TestApp;
let user: ApiClient;
let path: string;
const open = new Set<Socket>();

beforeAll(async () => {
  app = await startApp({ ANSWER_STALL_SECONDS: '5' });
  user = await app.aUser();
  const config = Buffer.from(`{"text":"${'x'.repeat(BYTES)}"}`);
  const made = await user.post(GRAPHS, graphBody('Large', config));
  path = `${GRAPHS}/${made.json<GraphJson>().id}`;
});
afterEach(() => {
  for (const socket of open) socket.destroy();
  open.clear();
});
afterAll(() => app.close());

/** Requests the graph and never reads the answer; resolves when the service closes the connection. */
function stall(): { closed: Promise<void> } {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname, () =>
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer ${user.token}\r\n\r\n`,
    ),
  );
  open.add(socket.pause());
  socket.on('error', () => undefined);
  return { closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

it('refuses further reads of a user whose answers are not read, and nothing of others', async () => {
  const closed = Array.from({ length: CONNECTIONS }, stall).map((one) => one.closed);
  const other = await app.aUser();
  const refused = await until(PATIENCE_MS, 'a refusal', async () => {
    const answer = await user.head(path);
    if (answer.status === 429) return user.get(path);
    // On a busy machine the first ones may be closed before the last ones are being answered.
    closed.push(stall().closed);
    return undefined;
  });
  expectProblem(refused, 429, 'too-many-unread-answers');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await other.get(GRAPHS)).status).toBe(200);
  expect((await user.put(path, { title: 'A write is answered' })).status).toBe(200);
  // Nothing moves on these connections, so the service closes them, and their bytes no longer count.
  const readAgain = until(PATIENCE_MS, 'an answer', async () => {
    const answer = await user.get(path);
    return answer.status === 200 ? answer : undefined;
  });
  expect((await readAgain).bytes.length).toBeGreaterThan(BYTES);
  for (const socket of open) socket.resume();
  await Promise.all(closed);
});

it('listens on one address for localhost, with the limits of every other', () => {
  expect(AppConfig.from({ HOST: 'localhost' }).get('HOST')).toBe('127.0.0.1');
  expect(AppConfig.from({ HOST: 'Localhost' }).get('HOST')).toBe('127.0.0.1');
  expect(AppConfig.from({ HOST: '::1' }).get('HOST')).toBe('::1');
});
