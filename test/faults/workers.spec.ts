import { spawn, type ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiClient, graphBody } from '../support/client';
import { migratedPlace, type TestPlace } from '../support/database';

const MAIN = join(__dirname, '../../dist/main.js');
const DESCRIPTORS = 300;
const IDLE_CONNECTIONS = 400;

let place: TestPlace;
let child: ChildProcess | undefined;
const sockets: Socket[] = [];

beforeEach(async () => {
  place = await migratedPlace();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  child?.kill('SIGKILL');
  await place.remove();
});

/** The built service with few descriptors. */
async function start(): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
  };
  const command = `ulimit -n ${DESCRIPTORS}; exec "${process.execPath}" "${MAIN}"`;
  const service = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  child = service;
  return new Promise((resolve, reject) => {
    service.once('exit', (code) => reject(new Error(`The service ended with ${code}`)));
    createInterface({ input: service.stdout }).on('line', (line) => {
      const address = /"address":"([^"]+)"/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
}

function idleConnection(url: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', resolve);
    socket.once('error', () => resolve());
  });
}

it('answers with a picture while idle connections would use up all descriptors, and stays', async () => {
  const url = await start();
  const account = { email: 'user@test.example', password: 'a password of tests' };
  await new ApiClient(url).post('/api/v1/auth/register', account);
  const user = await new ApiClient(url).signIn(account.email, account.password);
  const { id } = (
    await user.post('/api/v1/graphs', graphBody('f', '{"nodes":[{"id":"a","data":{}}],"edges":[]}'))
  ).json<{ id: string }>();
  await Promise.all(Array.from({ length: IDLE_CONNECTIONS }, () => idleConnection(url)));
  const picture = await user.get(`/api/v1/graphs/${id}/picture.svg`).catch((error: unknown) => error);
  // The connection that was kept may be gone: then there is room again once idle ones are.
  for (const socket of sockets.splice(0, IDLE_CONNECTIONS / 2)) socket.destroy();
  expect(child?.exitCode).toBeNull();
  expect((picture as { status?: number }).status).toBe(200);
  const health = await fetch(`${url}/health`);
  expect(((await health.json()) as { details: object }).details).toMatchObject({ workers: { status: 'up' } });
});
