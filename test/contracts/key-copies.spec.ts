import { KeyCopies } from '../../src/backups/key-copies';
import { allKeys } from '../../src/backups/vault-reader';
import { Keyring } from '../../src/platform/crypto/keyring';
import { ObjectStore } from '../../src/platform/objects/object-store';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { aGraph } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { copyNow } from '../support/vault';

let app: TestApp;
let lineage: string;
const parts = () => app.service.app;
const never = new AbortController().signal;

beforeEach(async () => {
  app = await startApp();
  await aGraph(await app.aUser());
  expect(await copyNow(app)).toBe('done');
  lineage = String((await rawSql(app.place, 'SELECT lineage FROM vault_state'))[0]!['lineage']);
});
afterEach(() => app.close());

/** The wrapped keys by their numbers, as the store has them and as the database has them. */
async function both(): Promise<Array<Map<number, string>>> {
  const stored = await allKeys(parts().get(ObjectStore, { strict: false }), lineage);
  const rows = await rawSql(app.place, 'SELECT user_key, wrapped FROM user_keys ORDER BY user_key');
  return [
    new Map([...stored.values()].map((row) => [row.user_key, row.wrapped.toString('hex')])),
    new Map(rows.map((row) => [Number(row['user_key']), (row['wrapped'] as Buffer).toString('hex')])),
  ];
}

async function expectEqual(): Promise<void> {
  const [stored, database] = await both();
  expect([...stored!].sort()).toEqual([...database!].sort());
}

it('reads no key and writes no object while no key changes', async () => {
  const pages = jest.spyOn(parts().get(Keyring), 'wrapped');
  const puts = jest.spyOn(parts().get(ObjectStore, { strict: false }), 'put');
  await aGraph(await app.admin());
  await parts().get(KeyCopies, { strict: false }).copy(lineage, never, false);
  await parts().get(KeyCopies, { strict: false }).copy(lineage, never, false);
  expect(pages).not.toHaveBeenCalled();
  expect(puts).not.toHaveBeenCalled();
});

it('brings new and destroyed keys into the store without reading the others', async () => {
  const pages = jest.spyOn(parts().get(Keyring), 'wrapped');
  const users = [];
  for (let i = 0; i < 5; i += 1) users.push(await app.aUser());
  const admin = await app.admin();
  await admin.delete(`/api/v1/users/${users[1]!.userId}`);
  await parts().get(KeyCopies, { strict: false }).copy(lineage, never, false);
  await expectEqual();
  await admin.delete(`/api/v1/users/${users[3]!.userId}`);
  await parts().get(KeyCopies, { strict: false }).copy(lineage, never, false);
  await expectEqual();
  expect(pages).not.toHaveBeenCalled();
});

it('compares everything after a rotation, after an object was changed or is gone, and after a failure', async () => {
  const copies = parts().get(KeyCopies, { strict: false });
  const store = parts().get(ObjectStore, { strict: false });
  expect(await runCli('keys', ['rotate'], app.place)).toMatchObject({ code: 0 });
  await copies.copy(lineage, never, false);
  await expectEqual();
  await store.delete(`lineages/${lineage}/keys/00.keys`);
  await copies.copy(lineage, never, false);
  await expectEqual();
  for (let i = 0; i < 3; i += 1) await app.aUser();
  const put = jest.spyOn(store, 'put').mockRejectedValueOnce(new Error('no room'));
  await expect(copies.copy(lineage, never, false)).rejects.toThrow('no room');
  put.mockRestore();
  await copies.copy(lineage, never, false);
  await expectEqual();
});
