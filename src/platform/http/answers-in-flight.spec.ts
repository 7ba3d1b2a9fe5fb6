import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { PATIENCE_MS, until } from '../../../test/support/within';
import { AnswersInFlight } from './answers-in-flight';

/** Larger than the buffers of a connection; all answers are this one. */
const LARGE = Buffer.alloc(48_000_000);
const MEDIUM_BYTES = 12_000_000;
/** Room for eight large answers, four of one user. */
const LIMITS = { total: 8 * LARGE.length, ofOwner: 4 * LARGE.length };
/** No connection is closed for not being read meanwhile. */
const STALL_MS = 600_000;

let server: FastifyInstance;
const sockets = new Set<Socket>();

async function serve(limits = LIMITS): Promise<void> {
  const inFlight = new AnswersInFlight(STALL_MS, limits);
  server = Fastify({ forceCloseConnections: true });
  server.addHook('onRequest', (request, _reply, done) => {
    Object.assign(request, { user: { id: request.headers['x-user'] } });
    done();
  });
  inFlight.attach(server);
  server.get<{ Params: { bytes: string } }>('/:bytes', (request, reply) => {
    const body = LARGE.subarray(0, Number(request.params.bytes));
    const refusal = inFlight.refusal(request, body.length);
    if (refusal) void reply.code(refusal.kind === 'too_many' ? 429 : 503).send();
    else void reply.send(body);
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await server.close();
});

/** Asks for an answer over a connection of its own and reads nothing but its beginning; resolves to its status. */
async function ask(user: string, bytes: number): Promise<number> {
  const { port } = server.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.write(`GET /${bytes} HTTP/1.1\r\nhost: test\r\nx-user: ${user}\r\n\r\n`);
  const [begin] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  return Number(/^HTTP\/1.1 (\d+)/.exec(begin.toString('latin1'))?.[1]);
}

/** As many answers as a user gets who asks for more and more. */
async function grab(user: string): Promise<number> {
  for (let count = 0; ; count += 1) if ((await ask(user, LARGE.length)) !== 200) return count;
}

it('leaves room for others when users with as many unread answers as they get would fill all of it', async () => {
  await serve();
  const taken: number[] = [];
  for (const user of ['a', 'b', 'c', 'd', 'e']) taken.push(await grab(user));
  // Each has at most half of what is then left of eight.
  expect(taken).toEqual([3, 2, 1, 1, 0]);
  expect(await ask('a', LARGE.length)).toBe(429);
  expect(await ask('other', MEDIUM_BYTES)).toBe(200);
  expect(await ask('other', 100)).toBe(200);
  // Once they are given up, answers no longer count.
  for (const socket of sockets) socket.destroy();
  await until(PATIENCE_MS, 'an answer to the last user', async () =>
    (await ask('e', LARGE.length)) === 200 ? true : undefined,
  );
});

it('refuses with 503 a user who has no unread answers and asks for more than there is room for', async () => {
  await serve();
  for (const user of ['a', 'b', 'c', 'd']) await grab(user);
  expect(await ask('e', LARGE.length)).toBe(503);
});

it('sends small answers to a user who has no unread ones, even where others have filled the room', async () => {
  await serve({ total: LARGE.length + 10_000, ofOwner: LARGE.length });
  expect(await ask('a', LARGE.length)).toBe(200);
  expect(await ask('other', 17_000)).toBe(503);
  expect(await ask('other', 12_000)).toBe(200);
  expect(await ask('a', 12_000)).toBe(429);
});
