import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { startChild, type ChildService } from '../../scripts/child-service';
import { ApiClient } from '../support/client';
import { databaseKind, migratedPlace, type TestPlace } from '../support/database';

const MIB = 1_048_576;
/** How often a user sends many large graphs at once. */
const ROUNDS = databaseKind === 'sqlite' ? 3 : 2;
/** What the process may hold, whatever is sent, MiB. */
const BOUND = 600;

let place: TestPlace;
let service: ChildService;
beforeAll(async () => {
  place = await migratedPlace();
  service = await startChild({
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
  });
});
afterAll(async () => {
  await service.stop('SIGKILL');
  await place.remove();
});

/** The most memory that the process has held so far, MiB. */
function peak(): number {
  const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
}

/** Sends a graph of this size and resolves to the answer's status, or to what the connection ended with. */
function upload(bytes: number, token?: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const [open, close] = ['{"title":"x","config":{"a":"', '"}}'];
  const text = randomBytes(32_768).toString('hex');
  return new Promise((resolve) => {
    let left = bytes - open.length - close.length;
    const socket = connect(Number(port), hostname, () => {
      const head = [
        'POST /api/v1/graphs HTTP/1.1',
        'host: test',
        'content-type: application/json',
        `content-length: ${bytes}`,
        ...(token ? [`authorization: Bearer ${token}`] : []),
      ];
      socket.write([...head, '', open].join('\r\n'));
      send();
    });
    const send = (): void => {
      while (left > 0) {
        const part = text.slice(0, left);
        left -= part.length;
        if (!socket.write(part)) return void socket.once('drain', send);
      }
      socket.write(close);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('data', (data) => {
      resolve(data.toString('latin1').slice(9, 12));
      setTimeout(() => socket.destroy(), 10);
    });
  });
}

async function uploads(count: number, bytes: number, token?: string): Promise<Set<string>> {
  return new Set(await Promise.all(Array.from({ length: count }, () => upload(bytes, token))));
}

// Memory of a process can be read on Linux only.
const onLinux = process.platform === 'linux' ? it : it.skip;

// No statement is sent without a token.
const onLinuxWithSqlite = databaseKind === 'sqlite' ? onLinux : it.skip;

onLinuxWithSqlite('holds little for 120 connections with 16 MiB each and no token', async () => {
  const answers = await uploads(120, 16 * MIB - 1);
  for (const answer of answers) expect(['401', 'EPIPE', 'ECONNRESET']).toContain(answer);
  expect(answers).toContain('401');
  expect(peak()).toBeLessThan(BOUND / 2);
});

onLinux('stays within its bound for 16 connections of a user with 15 MB each, and again', async () => {
  const credentials = { email: 'large@test.example', password: 'a password of tests' };
  const anonymous = new ApiClient(service.url);
  await anonymous.post('/api/v1/auth/register', credentials);
  const { token } = await anonymous.signIn(credentials.email, credentials.password);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const answer of await uploads(16, 15_000_000, token)) expect(['201', '429']).toContain(answer);
  }
  expect(peak()).toBeLessThan(BOUND);
});
