import { randomBytes } from 'node:crypto';
import { beginFileRotation } from '../../src/platform/crypto/key-file-rotation';
import { KeyRotation } from '../../src/platform/crypto/key-rotation';
import { Keyring } from '../../src/platform/crypto/keyring';
import { MasterKeySource } from '../../src/platform/crypto/master-key-source';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { runCli, spawnCli } from '../support/cli';
import { databaseKind } from '../support/database';
import { aGraph, GRAPHS } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { untilWaiting } from '../support/waiting';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

/** The account's data key works, for writing and for reading. */
async function expectReadable(user: ApiClient): Promise<void> {
  const { id } = await aGraph(user, { config: { kept: true } });
  expect((await user.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('{"kept":true}');
}

const ignore = () => undefined;
const noNote = () => Promise.resolve();

it('does not retire a master key under which an account registers in the same moment', async () => {
  const parts = app.service.app;
  const [keyring, rotation, unitOfWork] = [parts.get(Keyring), parts.get(KeyRotation), parts.get(UnitOfWork)];
  const userId = randomBytes(16);
  const registering = keyring.make(userId);
  beginFileRotation(app.place.dataDir);
  parts.get(MasterKeySource).reload();
  await rotation.rewrap(ignore);

  let commit: () => void = ignore;
  let stored: () => void = ignore;
  const isStored = new Promise<void>((resolve) => (stored = resolve));
  const held = unitOfWork.write(async (em) => {
    await keyring.put(em, 4_711, registering);
    stored();
    await new Promise<void>((resolve) => (commit = resolve));
  });
  await isStored;
  const retired = rotation.retire(noNote);
  // On SQLite it waits for its turn.
  if (databaseKind === 'postgres') await untilWaiting(app.place, 1);
  commit();
  await held;
  expect(await retired).toBe(false);
  const key = await keyring.dataKey(4_711, userId);

  expect(await rotation.rewrap(ignore)).toEqual({ done: 1, total: 1 });
  expect(await rotation.retire(noNote)).toBe(true);
  const masters = await rawSql(
    app.place,
    'SELECT DISTINCT master_id FROM user_keys WHERE destroyed_at IS NULL',
  );
  expect(masters.map((row) => row['master_id'])).toEqual([parts.get(MasterKeySource).currentId]);
  expect(key).toHaveLength(32);
});

it('refuses a key under a retired master key, and the account registers with the new one', async () => {
  const user = await app.aUser();
  expect(await runCli('keys', ['rotate'], app.place)).toMatchObject({ code: 0 });
  const late = await app.aUser();
  for (const one of [late, user]) await expectReadable(one);
});

it('asks at the start for a retired master key that still wraps a data key', async () => {
  await app.aUser();
  await rawSql(app.place, 'UPDATE user_keys SET master_id = ? WHERE user_key > 0', [randomBytes(8)]);
  await expect(app.service.app.get(Keyring).check()).rejects.toThrow(/key/);
});

it('leaves each account readable that registers while keys are rotated', async () => {
  const rotating = spawnCli('keys', ['rotate'], app.place);
  let running = true;
  void rotating.finally(() => (running = false));
  const users = [];
  while (running) users.push(await app.aUser());
  expect(await rotating).toMatchObject({ code: 0 });
  expect(users.length).toBeGreaterThan(0);
  for (const user of users) await expectReadable(user);
  const masters = await rawSql(
    app.place,
    'SELECT DISTINCT master_id FROM user_keys WHERE destroyed_at IS NULL',
  );
  expect(masters).toHaveLength(1);
});

it('keeps each master key once, however often the keys are read again', () => {
  const source = app.service.app.get(MasterKeySource);
  for (let i = 0; i < 100; i += 1) source.reload();
  expect(source.current.size).toBe(1);
});
