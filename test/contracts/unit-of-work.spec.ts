import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import type { EntityManager, EntitySchema, MigrationInterface, QueryRunner } from 'typeorm';
import { openDatabase, type OpenDatabase } from '../../src/platform/database/database';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { Statement } from '../../src/platform/database/statement';
import { AppError } from '../../src/platform/errors/app-error';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { rawSql } from '../support/raw-database';

/** One table, so that the contract is about the door and not about a feature behind it. */
class Notes1 implements MigrationInterface {
  readonly name = 'Notes1700000000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (id integer NOT NULL PRIMARY KEY, body text NOT NULL)');
    const seq =
      databaseKind === 'postgres' ? 'seq BIGSERIAL PRIMARY KEY' : 'seq integer PRIMARY KEY AUTOINCREMENT';
    await runner.query(`CREATE TABLE events (${seq}, body text NOT NULL)`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE events');
    await runner.query('DROP TABLE notes');
  }
}
const schema = { entities: () => [] as EntitySchema[], migrations: [Notes1] };

const insert = new Statement('INSERT INTO notes (id, body) VALUES (:id, :body)');
const update = new Statement('UPDATE notes SET body = :body WHERE id = :id');
const select = new Statement<{ id: number; body: string }>('SELECT id, body FROM notes ORDER BY id');

let place: TestPlace;
let database: OpenDatabase;

beforeEach(async () => {
  place = await newPlace();
  database = await openDatabase(parseDatabaseUrl(place.databaseUrl), schema, { poolSize: 5 });
});
afterEach(async () => {
  await database.close();
  await place.remove();
});

const door = () => database.unitOfWork;
const note = (em: EntityManager, id: number, body = 'note') => insert.run(em, { id, body });
const ids = async () => (await door().read((em) => select.all(em))).map(({ id }) => id);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A promise that is kept open until `open` is called. */
function gate() {
  let open = () => {};
  const closed = new Promise<void>((resolve) => (open = resolve));
  return { closed, open };
}

it('answers fifty writers at once and loses none, while one of them rolls back alone', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, id) =>
      door().write(async (em) => {
        await note(em, id);
        await turn();
        await update.run(em, { id, body: `written by ${id}` });
        if (id === 23) throw new Error('writer 23 thinks better of it');
        return id;
      }),
    ),
  );
  expect(outcomes.map(({ status }, id) => [id, status])).toEqual(
    Array.from({ length: 50 }, (_, id) => [id, id === 23 ? 'rejected' : 'fulfilled']),
  );
  expect(await door().read((em) => select.all(em))).toEqual(
    Array.from({ length: 50 }, (_, id) => ({ id, body: `written by ${id}` })).filter(({ id }) => id !== 23),
  );
});

it('leaves exactly the rows of the units that succeeded, whatever the mix', async () => {
  const unit = fc.record({
    rows: fc.integer({ min: 0, max: 3 }),
    fails: fc.constantFrom('no', 'no', 'throws at once', 'throws late', 'breaks a constraint'),
    waits: fc.integer({ min: 0, max: 2 }),
  });
  let next = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { minLength: 1, maxLength: 25 }), async (units) => {
      const before = await ids();
      const expected = [...before];
      await Promise.all(
        units.map(({ rows, fails, waits }) => {
          const mine = Array.from({ length: rows }, () => (next += 1));
          if (fails === 'no') expected.push(...mine);
          const written = door().write(async (em) => {
            if (fails === 'throws at once') throw new Error('at once');
            for (const id of mine) await note(em, id);
            for (let i = 0; i < waits; i += 1) await turn();
            if (fails === 'breaks a constraint') {
              await note(em, -1);
              await note(em, -1);
            }
            if (fails === 'throws late') throw new Error('late');
          });
          return fails === 'no' ? written : expect(written).rejects.toThrow();
        }),
      );
      expect(await ids()).toEqual(expected.sort((a, b) => a - b));
    }),
    { numRuns: 30 },
  );
});

it('shows nothing that is not committed to a reader, and everything that is', async () => {
  const { closed, open } = gate();
  const writing = door().write(async (em) => {
    await note(em, 1);
    await closed;
  });
  await turn();
  await turn();
  expect(await ids()).toEqual([]);
  open();
  await writing;
  expect(await ids()).toEqual([1]);
});

it('refuses a write or a read inside a write, and rolls the outer one back when it does not mind that', async () => {
  const { unitOfWork } = database;
  await expect(
    unitOfWork.write(async (em) => {
      await note(em, 1);
      await unitOfWork.write((inner) => note(inner, 2));
    }),
  ).rejects.toThrow('UnitOfWork.write was called inside UnitOfWork.write');
  await expect(unitOfWork.write(() => unitOfWork.read((em) => select.all(em)))).rejects.toThrow(
    'UnitOfWork.read was called inside UnitOfWork.write',
  );
  expect(await ids()).toEqual([]);
  await unitOfWork.write((em) => note(em, 3));
  expect(await ids()).toEqual([3]);
});

it('fails a unit that breaks a constraint alone, with the database’s own error', async () => {
  await door().write((em) => note(em, 1));
  const [first, second, third] = await Promise.allSettled([
    door().write((em) => note(em, 2)),
    door().write((em) => note(em, 1)),
    door().write((em) => note(em, 3)),
  ]);
  expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await ids()).toEqual([1, 2, 3]);
});

it('fails a unit that throws before it is asynchronous alone', async () => {
  const thrower = door().write(() => {
    throw new Error('not even a promise');
  });
  const beside = door().write((em) => note(em, 1));
  await expect(thrower).rejects.toThrow('not even a promise');
  await beside;
  expect(await ids()).toEqual([1]);
});

it('counts what waits, and what was committed', async () => {
  const before = door().state();
  const { closed, open } = gate();
  const first = door().write(async (em) => {
    await closed;
    await note(em, 1);
  });
  const rest = [2, 3].map((id) => door().write((em) => note(em, id)));
  await turn();
  expect(door().state().waiting).toBeGreaterThanOrEqual(1);
  open();
  await Promise.all([first, ...rest]);
  expect(door().state().waiting).toBe(0);
  expect(door().state().units - before.units).toBe(3);
});

it('says up to which number of a table nothing can appear any more, also while a transaction is held open', async () => {
  const newest = async () => door().settled('events', 'seq');
  const append = new Statement<{ seq: number }>('INSERT INTO events (body) VALUES (:body) RETURNING seq');
  const add = (em: EntityManager) => append.one(em, { body: 'event' });
  expect(await newest()).toBe(0);
  await door().write(add);
  expect(await newest()).toBe(1);
  const { closed, open } = gate();
  const held = door().write(async (em) => {
    await add(em);
    await closed;
  });
  await turn();
  await turn();
  // On SQLite it stands in the queue behind the open one; on PostgreSQL it overtakes it.
  const overtaking = door().write(add);
  if (databaseKind === 'postgres') await overtaking;
  expect(await newest()).toBe(1);
  open();
  await Promise.all([held, overtaking]);
  expect(await newest()).toBe(3);
});

it('finishes what was begun when it is closed, and takes nothing more', async () => {
  const writes = Array.from({ length: 20 }, (_, id) => door().write((em) => note(em, id)));
  await turn();
  await database.close();
  const outcomes = await Promise.allSettled(writes);
  const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
  await expect(door().write((em) => note(em, 99))).rejects.toMatchObject({ kind: 'unavailable' });
  const rows = await rawSql(place, 'SELECT id FROM notes');
  expect(done).toBe(20);
  expect(rows).toHaveLength(20);
});

const onSqlite = databaseKind === 'sqlite' ? describe : describe.skip;
onSqlite('on SQLite (its queue, its file; PostgreSQL has a pool)', () => {
  it('runs units in the order they came, and commits many at once', async () => {
    const order: number[] = [];
    const before = door().state();
    await Promise.all(
      Array.from({ length: 100 }, (_, id) =>
        door().write(async (em) => {
          order.push(id);
          await note(em, id);
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 100 }, (_, id) => id));
    const after = door().state();
    expect(after.units - before.units).toBe(100);
    expect(after.commits - before.commits).toBeLessThanOrEqual(3);
  });

  it('answers 503 to all whose commit found the disk full, keeps nothing of it, and goes on when there is room', async () => {
    await door().write((em) => note(em, 1));
    const limit = async (pages: number) =>
      door().write(async (em) => {
        await em.query(`PRAGMA max_page_count = ${pages}`);
      });
    await limit(1);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => door().write((em) => note(em, 10 + i, 'x'.repeat(200_000)))),
    );
    for (const outcome of outcomes) {
      expect(outcome.status).toBe('rejected');
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(AppError);
      expect((outcome as PromiseRejectedResult).reason).toMatchObject({ kind: 'unavailable', retryAfter: 5 });
    }
    expect(await ids()).toEqual([1]);
    await limit(1_000_000);
    await door().write((em) => note(em, 2, 'x'.repeat(200_000)));
    expect(await ids()).toEqual([1, 2]);
  });

  it('answers 503 while another process holds the file, and goes on afterwards', async () => {
    const file = place.databaseUrl.slice('sqlite:///'.length);
    const other = new Sqlite(file);
    other.exec('BEGIN IMMEDIATE');
    const blocked = door().write((em) => note(em, 1));
    await expect(blocked).rejects.toMatchObject({ kind: 'unavailable' });
    other.exec('ROLLBACK');
    other.close();
    await door().write((em) => note(em, 2));
    expect(await ids()).toEqual([2]);
  });
});

const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;
onPostgres('on PostgreSQL (its connections; SQLite has none to cut)', () => {
  it('answers 503 when the connection is cut under a write, and the pool recovers', async () => {
    const { closed, open } = gate();
    const cut = door().write(async (em) => {
      await note(em, 1);
      const [{ pid }] = await em.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
      await rawSql(place, 'SELECT pg_terminate_backend(?)', [pid]);
      await closed;
      await note(em, 2);
    });
    setTimeout(open, 50);
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
    await door().write((em) => note(em, 3));
    expect(await ids()).toEqual([3]);
  });

  it('lets more writers wait than there are connections', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, id) =>
        door().write(async (em) => {
          await note(em, id);
          await turn();
        }),
      ),
    );
    expect(await ids()).toHaveLength(40);
  });
});
