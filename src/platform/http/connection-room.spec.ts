import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { makeRoom } from './connection-room';

const LIMIT = 4;
let server: Server;
let waiting: Array<() => void>;
let answered: number;

beforeEach(async () => {
  waiting = [];
  answered = 0;
  server = createServer((request, response) => {
    if (request.url === '/wait') waiting.push(() => response.end('late'));
    else response.end('at once');
  });
  server.maxConnections = LIMIT;
  makeRoom(server, LIMIT);
  server.on('request', (_, response) => response.once('close', () => (answered += 1)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function open(text: string): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const connected = once(server, 'connection');
  await Promise.all([once(socket, 'connect'), connected]);
  socket.on('error', () => undefined).resume();
  socket.write(text);
  return socket;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: test\r\n\r\n`;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

async function answerOf(socket: Socket, words: string): Promise<void> {
  for (let received = ''; !received.includes(words);)
    received += String((await once(socket, 'data'))[0] as Buffer);
}

it('closes the connection that sends its headers for longest, and serves the next one', async () => {
  const slow: Socket[] = [];
  for (let at = 0; at < LIMIT - 1; at += 1) slow.push(await open('GET / HTTP/1.1\r\na: '));
  const closed = once(slow[0]!, 'close');
  const next = await open(get('/'));
  await Promise.all([closed, answerOf(next, 'at once')]);
  expect(slow.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
});

it('closes one that idles after its answer, and none that waits for one', async () => {
  const busy = await open(get('/wait'));
  await until(() => waiting.length === 1);
  const idle = await open('');
  const asking = answerOf(idle, 'at once');
  idle.write(get('/'));
  await asking;
  await until(() => answered === 1);
  const busier = await open(get('/wait'));
  await until(() => waiting.length === 2);
  const closed = once(idle, 'close');
  const next = await open(get('/'));
  await Promise.all([closed, answerOf(next, 'at once')]);
  const answers = [answerOf(busy, 'late'), answerOf(busier, 'late')];
  waiting.forEach((answer) => answer());
  await Promise.all(answers);
});
