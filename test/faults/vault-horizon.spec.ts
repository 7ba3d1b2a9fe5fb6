import { Client } from 'pg';
import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import { aGraph, GRAPHS, versionsOf } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { missingIn, present, recoverable } from '../support/recovered';
import { copyNow } from '../support/vault';

// SQLite has one writer: no number is drawn before all lower ones are committed.
const onPostgres = databaseKind === 'postgres' ? it : it.skip;

let app: TestApp;
beforeEach(async () => void (app = await startApp()));
afterEach(() => app.close());

async function storedSeq(): Promise<number> {
  const [state] = await rawSql(app.place, 'SELECT stored_seq FROM vault_state');
  return Number(state!['stored_seq']);
}

onPostgres(
  'a copy passes over no change whose transaction is held open while others overtake it',
  async () => {
    const user = await app.aUser();
    const late = await aGraph(user);
    expect(await copyNow(app)).toBe('done');
    const client = new Client({ connectionString: app.place.databaseUrl });
    await client.connect();
    try {
      // What a change of another replica does, stopped right before its COMMIT.
      await client.query('BEGIN');
      const { rows } = await client.query<{ seq: string }>(
        'INSERT INTO journal (at, action) VALUES (1, 200) RETURNING seq',
      );
      const held = Number(rows[0]!.seq);
      await client.query(
        `UPDATE versions SET label = 'late', seq = $1
       WHERE graph_key = (SELECT key FROM graphs WHERE encode(id, 'hex') = $2)`,
        [held, late.id.replaceAll('-', '')],
      );
      const overtaking = await aGraph(user);
      expect(await copyNow(app, { settled: false })).toBe('done');
      expect(await storedSeq()).toBeLessThan(held);
      // Nothing above the horizon is called stored, although it is there to be read.
      expect((await versionsOf(user, overtaking.id))[0]).toMatchObject({ backup_status: 'pending' });
      expect((await user.get(`${GRAPHS}/${overtaking.id}`)).status).toBe(200);

      await client.query('COMMIT');
      expect(await copyNow(app)).toBe('done');
      expect(await storedSeq()).toBeGreaterThan(held);
      expect((await versionsOf(user, overtaking.id))[0]).toMatchObject({ backup_status: 'stored' });
    } finally {
      await client.end();
    }
    await app.stop();
    expect(missingIn((await recoverable(app.place))!, await present(app.place))).toEqual([]);
  },
);
