import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { aGraph, GRAPHS, type GraphJson } from '../support/graphs';
import { flipBit, rawSql } from '../support/raw-database';
import { requestCopy, runsOf, verifyNow } from '../support/vault';
import { until } from '../support/within';

const DAY_MS = 86_400_000;
const DAYS = 5;

interface Verification {
  status: string;
  objects: number;
  bytes: number;
  graphs: number;
  versions: number;
  error: string | null;
}

let app: TestApp;
let user: ApiClient;
let admin: ApiClient;
let graph: GraphJson;

beforeEach(async () => {
  app = await startApp({ VERIFY_WITHIN_DAYS: String(DAYS) });
  user = await app.aUser();
  admin = await app.admin();
  graph = await aGraph(user, { config: { nodes: [1] } });
  await fullCopy();
});
afterEach(() => app.close());

/** Everything, read back after it was written. */
async function fullCopy(): Promise<void> {
  const { id } = await requestCopy(app, 'full');
  await until(60_000, 'the verification after the copy', async () => {
    const [run] = (await runsOf(admin)).filter((each) => each.id === id);
    return run?.status === 'verified' ? true : undefined;
  });
}

/** Lets nights pass, and then verifies what is to be read in the last one. */
async function night(days: number): Promise<Verification> {
  app.clock.advance(days * DAY_MS);
  [user, admin] = [await user.signInAgain(), await admin.signInAgain()];
  await verifyNow(app);
  const [newest] = (await admin.get('/api/v1/backups/verifications')).json<Verification[]>();
  return newest!;
}

async function change(content: number): Promise<void> {
  await user.put(`${GRAPHS}/${graph.id}`, { config: { nodes: [content] } });
  await requestCopy(app, 'incremental');
}

it('reads new segments each night, and everything within the days', async () => {
  await change(2);
  const [fresh, full] = await runsOf(admin);
  expect(await night(0)).toMatchObject({ status: 'verified', objects: 1, bytes: fresh!.bytes, versions: 1 });
  const { backup_status } = (await user.get(`${GRAPHS}/${graph.id}`)).json<GraphJson>();
  expect(backup_status).toBe('verified');
  expect((await runsOf(admin)).map(({ status }) => status)).toEqual(['verified', 'verified']);
  // Nothing is new, and nothing is due.
  expect(await night(1)).toMatchObject({ status: 'verified', objects: 0, bytes: 0 });
  const all = full!.bytes + fresh!.bytes;
  expect(await night(DAYS - 1)).toMatchObject({ objects: 2, bytes: all, graphs: 1, versions: 2 });
  expect(await night(1)).toMatchObject({ objects: 0 });
});

it('reads an older generation again within the days', async () => {
  await night(0);
  app.clock.advance(DAYS * DAY_MS);
  [user, admin] = [await user.signInAgain(), await admin.signInAgain()];
  await fullCopy();
  const older = (await runsOf(admin))[1]!;

  expect(await night(0)).toMatchObject({ status: 'verified', objects: 1, bytes: older.bytes, versions: 0 });
  expect(await night(0)).toMatchObject({ objects: 0 });
});

it('finds a version that differs from its new copy', async () => {
  await night(0);
  await change(2);
  const [row] = await rawSql(app.place, 'SELECT frame FROM versions WHERE version = 2');
  await rawSql(app.place, 'UPDATE versions SET frame = ? WHERE version = 2', [
    flipBit(row!['frame'] as Buffer, 5),
  ]);

  const found = await night(0);
  expect(found).toMatchObject({
    status: 'corrupt',
    error: expect.stringMatching(/version 2 of .* differs/) as string,
  });
  expect((await runsOf(admin))[0]).toMatchObject({ status: 'corrupt' });
});
