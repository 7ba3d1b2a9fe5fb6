import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { Client } from 'pg';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { openDatabase, type OpenDatabase } from '../../src/platform/database/database';
import { databaseCode, isUniqueViolation } from '../../src/platform/database/database-errors';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { PATIENCE_MS } from '../../src/platform/database/sqlite-unit-of-work';
import { Statement } from '../../src/platform/database/statement';
import { AppError } from '../../src/platform/errors/app-error';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { rawSql } from '../support/raw-database';
import { PATIENCE_MS as WAIT_MS, until } from '../support/within';

const onSqlite = databaseKind === 'sqlite' ? describe : describe.skip;
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

class OneTable1764000000001 implements MigrationInterface {
  readonly name = 'OneTable1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    const order = databaseKind === 'postgres' ? 'BIGSERIAL PRIMARY KEY' : 'integer PRIMARY KEY AUTOINCREMENT';
    await runner.query(`CREATE TABLE entries (seq ${order}, name text NOT NULL UNIQUE, filling text)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE entries');
  }
}

let place: TestPlace;
let database: OpenDatabase;

const open = () =>
  openDatabase(
    parseDatabaseUrl(place.databaseUrl),
    { entities: () => [], migrations: [OneTable1764000000001] },
    { poolSize: 10 },
  );

beforeEach(async () => {
  place = await newPlace();
  database = await open();
});
afterEach(async () => {
  await database.close().catch(() => undefined);
  await place.remove();
});

const insert = new Statement('INSERT INTO entries (name, filling) VALUES (:name, :filling)');
const allNames = new Statement<{ name: string }>('SELECT name FROM entries ORDER BY seq');

const add = (em: EntityManager, name: string, filling: string | null = null) =>
  insert.run(em, { name, filling });
const namesIn = async (em: EntityManager) => (await allNames.all(em)).map(({ name }) => name);
const committed = () => database.unitOfWork.read(namesIn);

/** Makes a promise that the test settles when it wants to. */
function gate(): { open: () => void; passed: Promise<void> } {
  let openIt: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (openIt = resolve));
  return { open: openIt, passed };
}

/** What the promise is rejected with; throws if it is resolved. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([promise]);
  if (result.status === 'fulfilled') throw new Error('The unit of work succeeded, but had to fail.');
  return result.reason;
}

async function expectUnavailable(promise: Promise<unknown>, code = 'database-unavailable'): Promise<void> {
  const error = await errorOf(promise);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ kind: 'unavailable', code });
}

describe('the event loop', () => {
  // Takes some 20 ms; SQLite computes it where everyone's requests are answered.
  const slow = new Statement(
    'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200000) SELECT COUNT(*) AS n FROM c',
  );
  const TIMES = 10;

  /** How often the event loop turned while the unit ran. */
  async function turnsDuring(
    run: (work: (em: EntityManager) => Promise<void>) => Promise<void>,
  ): Promise<number> {
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    await run(async (em) => {
      setImmediate(count);
      for (let times = 0; times < TIMES; times += 1) await slow.all(em);
      running = false;
    });
    return turns;
  }

  it.each([
    ['read', (work: (em: EntityManager) => Promise<void>) => database.unitOfWork.read(work)],
    ['write', (work: (em: EntityManager) => Promise<void>) => database.unitOfWork.write(work)],
    [
      'snapshot',
      (work: (em: EntityManager) => Promise<void>) =>
        database.unitOfWork.snapshot('entries', new AbortController().signal, work),
    ],
  ])('turns while a long %s runs, without its author having thought of it', async (_, run) => {
    expect(await turnsDuring(run)).toBeGreaterThanOrEqual(TIMES / 2);
  });

  // On PostgreSQL writes run at the same time.
  (databaseKind === 'sqlite' ? it : it.skip)(
    'turns inside a write, and still nothing comes between its statements',
    async () => {
      const order: string[] = [];
      const { open: goOn, passed } = gate();
      const long = database.unitOfWork.write(async (em) => {
        await add(em, 'first');
        for (let times = 0; times < TIMES; times += 1) await slow.all(em);
        await passed;
        order.push(...(await namesIn(em)));
        await add(em, 'second');
      });
      const other = database.unitOfWork.write((em) => add(em, 'other'));
      expect(await committed()).not.toContain('first');
      goOn();
      await Promise.all([long, other]);
      expect(order).toEqual(['first']);
      expect((await committed()).sort()).toEqual(['first', 'other', 'second']);
    },
  );
});

it('takes lists of any length', async () => {
  const found = new Statement<{ seq: number }>(
    'SELECT seq FROM entries WHERE seq IN (:...seqs) ORDER BY seq',
  );
  await database.unitOfWork.write(async (em) => {
    for (const name of ['a', 'b', 'c']) await add(em, name);
  });
  const seqs = Array.from({ length: 100_000 }, (_, at) => at + 2);
  const rows = await database.unitOfWork.read((em) => found.all(em, { seqs }));
  expect(rows.map(({ seq }) => Number(seq))).toEqual([2, 3]);
});

describe('many writers at once', () => {
  it('all 50 are kept but the one that rolls back, and nothing of that one is left', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        database.unitOfWork.write(async (em) => {
          await add(em, `${i}a`);
          await add(em, `${i}b`);
          if (i === 23) throw new Error('changed its mind');
          return i;
        }),
      ),
    );
    const kept = Array.from({ length: 50 }, (_, i) => i).filter((i) => i !== 23);
    expect(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))).toEqual(kept);
    expect(results[23]).toMatchObject({ status: 'rejected', reason: { message: 'changed its mind' } });
    expect((await committed()).sort()).toEqual(kept.flatMap((i) => [`${i}a`, `${i}b`]).sort());
    // Also in the eyes of somebody with a connection of his own: it is committed, not just seen.
    expect(await rawSql(place, 'SELECT name FROM entries')).toHaveLength(98);
  });

  it('leave exactly the rows of the units that succeeded, in any mix of ways to fail', async () => {
    const ends = ['well', 'throws before', 'throws after', 'throws at once', 'violates'] as const;
    const anyUnit = fc.record({ rows: fc.integer({ min: 1, max: 4 }), end: fc.constantFrom(...ends) });
    let run = 0;
    await database.unitOfWork.write((em) => add(em, 'taken'));
    await fc.assert(
      fc.asyncProperty(fc.array(anyUnit, { minLength: 1, maxLength: 40 }), async (units) => {
        run += 1;
        const rowsOf = (i: number) =>
          Array.from({ length: units[i]?.rows ?? 0 }, (_, row) => `${run}/${i}/${row}`);
        const work = (i: number) => (em: EntityManager) => {
          if (units[i]?.end === 'throws at once') throw new Error('at once');
          return (async () => {
            if (units[i]?.end === 'throws before') throw new Error('before');
            for (const name of rowsOf(i)) await add(em, name);
            if (units[i]?.end === 'violates') await add(em, 'taken');
            if (units[i]?.end === 'throws after') throw new Error('after');
          })();
        };
        const results = await Promise.allSettled(
          units.map(({ rows }, i) => database.unitOfWork.write(work(i), { patient: rows === 1 })),
        );
        expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
          units.map(({ end }) => end === 'well'),
        );
        const expected = units.flatMap(({ end }, i) => (end === 'well' ? rowsOf(i) : []));
        const found = (await committed()).filter((name) => name.startsWith(`${run}/`));
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 40 },
    );
  });
});

describe('a patient write', () => {
  const patient = (name: string) => database.unitOfWork.write((em) => add(em, name), { patient: true });

  it('is written although nothing else comes', async () => {
    await patient('alone');
    expect(await committed()).toEqual(['alone']);
  });

  it('is written before the database closes', async () => {
    const written = patient('last');
    await Promise.all([database.close(), written]);
    expect(await rawSql(place, 'SELECT name FROM entries')).toHaveLength(1);
  });

  // On PostgreSQL each write has a transaction of its own.
  onSqlite('among others', () => {
    const write = (name: string) => database.unitOfWork.write((em) => add(em, name));

    it('waits until there are as many as share a commit, and not for a request', async () => {
      const real = setTimeout;
      const waiting: Array<() => void> = [];
      const held = (callback: () => void, ms?: number) =>
        ms === PATIENCE_MS ? waiting.push(callback) : real(callback, ms);
      jest.spyOn(globalThis, 'setTimeout').mockImplementation(held as typeof setTimeout);
      const { sharing } = database.unitOfWork;
      const many = Array.from({ length: sharing }, (_, at) => `many ${at}`);
      const first = patient(many[0]!);
      await write('a request');
      expect(database.unitOfWork.state().waiting).toBe(1);
      const before = database.unitOfWork.state().commits;
      await Promise.all([first, ...many.slice(1, -1).map(patient), patient(many.at(-1)!)]);
      expect(await committed()).toEqual(['a request', ...many]);
      expect(database.unitOfWork.state().commits).toBeGreaterThan(before);
      const last = patient('last');
      expect(database.unitOfWork.state().waiting).toBe(1);
      waiting.at(-1)!();
      await last;
    });

    it('lets everything else run before it waits for the disk', async () => {
      const order: string[] = [];
      await database.unitOfWork
        .write(
          async (em) => {
            await add(em, 'patient');
            setImmediate(() => order.push('a request'));
          },
          { patient: true },
        )
        .then(() => order.push('on disk'));
      expect(order).toEqual(['a request', 'on disk']);
    });

    it('ends its group for a request that has come while the group ran', async () => {
      const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
      const order: string[] = [];
      const noted = (name: string) => (written: Promise<unknown>) => written.then(() => order.push(name));
      const { open: goOn, passed } = gate();
      const { open: begin, passed: begun } = gate();
      const names = Array.from({ length: database.unitOfWork.sharing }, (_, at) => `patient ${at}`);
      const all = names.map((name, at) =>
        noted(name)(
          database.unitOfWork.write(
            async (em) => {
              await add(em, name);
              begin();
              if (at === 0) await passed;
            },
            { patient: true },
          ),
        ),
      );
      await begun;
      const request = noted('a request')(write('a request'));
      // Longer than patient writes come first, and shorter than a group takes others.
      clock.mockReturnValue(10);
      goOn();
      await Promise.all([...all, request]);
      expect(order).toEqual([names[0], 'a request', ...names.slice(1)]);
      expect(await committed()).toEqual(order);
    });
  });
});

describe('a read', () => {
  it('sees only what is committed while a write is open, and the rest once it has been answered', async () => {
    await database.unitOfWork.write((em) => add(em, 'before'));
    const written = gate();
    const looked = gate();
    const write = database.unitOfWork.write(async (em) => {
      await add(em, 'open');
      expect(await namesIn(em)).toEqual(['before', 'open']);
      written.open();
      await looked.passed;
    });
    await written.passed;
    const seen = await committed();
    looked.open();
    await write;
    expect(seen).toEqual(['before']);
    expect(await committed()).toEqual(['before', 'open']);
  });

  it('that shares its turn sees a write once it was answered, and nothing before', async () => {
    const seen = () => database.unitOfWork.readQuickly(namesIn);
    const names: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const [written, looked] = [gate(), gate()];
      expect(await seen()).toEqual(names);
      const write = database.unitOfWork.write(async (em) => {
        await add(em, name);
        written.open();
        await looked.passed;
      });
      await written.passed;
      const open = await seen();
      looked.open();
      await write;
      expect(open).toEqual(names);
      names.push(name);
      expect(await seen()).toEqual(names);
    }
  });

  it('that shares its turn sees what another process has written, with the next turn at the latest', async () => {
    const seen = () => database.unitOfWork.readQuickly(namesIn);
    expect(await seen()).toEqual([]);
    await rawSql(place, 'INSERT INTO entries (name) VALUES (?)', ['elsewhere']);
    await new Promise(setImmediate);
    expect(await seen()).toEqual(['elsewhere']);
  });

  it('that shares its turn fails alone, and leaves the turn to others', async () => {
    const { unitOfWork } = database;
    const missing = unitOfWork.readQuickly((em) => em.query('SELECT name FROM nowhere'));
    const others = unitOfWork.readQuickly(namesIn);
    await expect(missing).rejects.toThrow(/nowhere/);
    expect(await others).toEqual([]);
    await unitOfWork.write((em) => add(em, 'next'));
    expect(await unitOfWork.readQuickly(namesIn)).toEqual(['next']);
  });

  it('never sees what is rolled back', async () => {
    const written = gate();
    const looked = gate();
    const write = database.unitOfWork.write(async (em) => {
      await add(em, 'gone');
      written.open();
      await looked.passed;
      throw new Error('no');
    });
    const failed = errorOf(write);
    await written.passed;
    const seen = await committed();
    looked.open();
    expect(await failed).toMatchObject({ message: 'no' });
    expect([seen, await committed()]).toEqual([[], []]);
  });

  it('fails alone, when it throws at once too', async () => {
    const broken = database.unitOfWork.read(() => {
      throw new Error('at once');
    });
    await expect(broken).rejects.toThrow('at once');
    const missing = database.unitOfWork.read((em) => em.query('SELECT name FROM nowhere'));
    await expect(missing).rejects.toThrow(/nowhere/);
    expect(await committed()).toEqual([]);
  });
});

describe('a call inside a write', () => {
  it.each(['write', 'read', 'readQuickly'] as const)(
    'of %s throws; caught, the outer unit goes on unharmed',
    async (call) => {
      await database.unitOfWork.write(async (em) => {
        await add(em, 'outer');
        await expect(database.unitOfWork[call]((inner) => namesIn(inner))).rejects.toThrow(
          /called inside UnitOfWork\.write/,
        );
        await add(em, 'outer, later');
      });
      expect(await committed()).toEqual(['outer', 'outer, later']);
    },
  );

  it.each(['write', 'read', 'readQuickly'] as const)(
    'of %s rolls the outer unit back when it is not caught',
    async (call) => {
      const outer = database.unitOfWork.write(async (em) => {
        await add(em, 'outer');
        await database.unitOfWork[call]((inner) => namesIn(inner));
      });
      await expect(outer).rejects.toThrow(/called inside UnitOfWork\.write/);
      expect(await committed()).toEqual([]);
      await database.unitOfWork.write((em) => add(em, 'next'));
      expect(await committed()).toEqual(['next']);
    },
  );

  // Node's hooks for promises cost the whole process time, and more with each database that was ever opened.
  it('is looked for only while a write runs', async () => {
    const disable = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
    const { open: end, passed } = gate();
    const { open: begin, passed: begun } = gate();
    const long = database.unitOfWork.write(async (em) => {
      begin();
      await passed;
      expect(disable).not.toHaveBeenCalled();
      await add(em, 'long');
    });
    await begun;
    const short = database.unitOfWork.write((em) => add(em, 'short'));
    // On SQLite one write waits for the other.
    if (databaseKind === 'postgres') await short;
    end();
    await Promise.all([long, short]);
    await until(WAIT_MS, 'the end', () => (disable.mock.calls.length > 0 ? true : undefined));
  });

  it('is distinguished from one that comes after it, or runs at the same time', async () => {
    await Promise.all([
      database.unitOfWork
        .write((em) => add(em, 'one'))
        .then(() => database.unitOfWork.write((em) => add(em, 'three'))),
      database.unitOfWork.write((em) => add(em, 'two')),
    ]);
    expect((await committed()).sort()).toEqual(['one', 'three', 'two']);
  });
});

describe('a unit that fails', () => {
  it('by a constraint fails alone, with an error that says so', async () => {
    await database.unitOfWork.write((em) => add(em, 'taken'));
    const [before, broken, after] = await Promise.allSettled([
      database.unitOfWork.write((em) => add(em, 'before')),
      database.unitOfWork.write(async (em) => {
        await add(em, 'mine');
        await add(em, 'taken');
      }),
      database.unitOfWork.write((em) => add(em, 'after')),
    ]);
    expect([before?.status, after?.status]).toEqual(['fulfilled', 'fulfilled']);
    const reason: unknown = broken?.status === 'rejected' ? broken.reason : undefined;
    expect([isUniqueViolation(reason), databaseCode(reason)]).toEqual([true, expect.any(String)]);
    expect((await committed()).sort()).toEqual(['after', 'before', 'taken']);
  });

  it('by throwing at once fails alone', async () => {
    const results = await Promise.allSettled([
      database.unitOfWork.write((em) => add(em, 'before')),
      database.unitOfWork.write(() => {
        throw new Error('at once');
      }),
      database.unitOfWork.write((em) => add(em, 'after')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await committed()).sort()).toEqual(['after', 'before']);
  });

  it('and hides the error is either there or refused, never answered and lost', async () => {
    await database.unitOfWork.write((em) => add(em, 'taken'));
    const hidden = database.unitOfWork.write(async (em) => {
      await add(em, 'mine');
      await add(em, 'taken').catch(() => undefined);
    });
    const answered = await hidden.then(
      () => true,
      () => false,
    );
    expect(await committed()).toEqual(answered ? ['taken', 'mine'] : ['taken']);
  });
});

describe('a statement that is sent, and not waited for', () => {
  const send = (em: EntityManager, name: string) => insert.send(em, { name, filling: null });

  it('is there for the next statement of its unit, and after the commit for everybody', async () => {
    await database.unitOfWork.write(async (em) => {
      await send(em, 'first');
      await add(em, 'second');
      await send(em, 'third');
      expect(await namesIn(em)).toEqual(['first', 'second', 'third']);
      await send(em, 'last');
    });
    expect(await committed()).toEqual(['first', 'second', 'third', 'last']);
  });

  it('fails its unit with its own error, as the last one and before others, and nothing of the unit is there', async () => {
    await database.unitOfWork.write((em) => add(em, 'taken'));
    const last = database.unitOfWork.write(async (em) => {
      await add(em, 'mine');
      await send(em, 'taken');
    });
    expect(isUniqueViolation(await errorOf(last))).toBe(true);
    const before = database.unitOfWork.write(async (em) => {
      await send(em, 'taken');
      await add(em, 'mine');
    });
    expect(isUniqueViolation(await errorOf(before))).toBe(true);
    const given = new Error('of the work');
    const withdrawn = database.unitOfWork.write(async (em) => {
      await send(em, 'mine');
      throw given;
    });
    await expect(withdrawn).rejects.toBe(given);
    expect(await committed()).toEqual(['taken']);
    await database.unitOfWork.write((em) => send(em, 'next'));
    expect(await committed()).toEqual(['taken', 'next']);
  });

  it('is refused outside a write', async () => {
    const reason = await errorOf(database.unitOfWork.read((em) => send(em, 'nowhere')));
    if (databaseKind === 'postgres')
      expect(String(reason)).toContain('can only be held back in a transaction');
    else expect(reason).toMatchObject({ code: 'database-unavailable', cause: { code: 'SQLITE_READONLY' } });
    expect(await committed()).toEqual([]);
  });
});

it('says up to which number of a table nothing can appear any more, also while a transaction is held open', async () => {
  const settled = () => database.unitOfWork.settledUpTo('entries', 'seq');
  expect(await settled()).toBe(0);
  await database.unitOfWork.write((em) => add(em, 'first'));
  expect(await settled()).toBe(1);
  const { open: letGo, passed } = gate();
  const held = database.unitOfWork.write(async (em) => {
    await add(em, 'held');
    await passed;
  });
  // On SQLite it waits in the queue behind the open one; on PostgreSQL it overtakes it.
  const overtaking = database.unitOfWork.write((em) => add(em, 'overtaking'));
  if (databaseKind === 'postgres') await overtaking;
  expect(await settled()).toBe(1);
  letGo();
  await Promise.all([held, overtaking]);
  expect(await settled()).toBe(3);
});

it('does not call a number settled whose transaction is the newest one and still open', async () => {
  const settled = () => database.unitOfWork.settledUpTo('entries', 'seq');
  await database.unitOfWork.write((em) => add(em, 'first'));
  expect(await settled()).toBe(1);
  const drawn = gate();
  const goOn = gate();
  const held = database.unitOfWork.write(async (em) => {
    await add(em, 'held');
    drawn.open();
    await goOn.passed;
  });
  await drawn.passed;
  const during = await settled();
  goOn.open();
  await held;
  expect([during, await settled()]).toEqual([1, 2]);
});

describe('a close', () => {
  it('lets every write that was begun finish, and refuses what comes afterwards as unavailable', async () => {
    const begun = Array.from({ length: 20 }, (_, i) =>
      database.unitOfWork.write((em) => add(em, `begun ${i}`)),
    );
    const closing = database.close();
    await expectUnavailable(database.unitOfWork.write((em) => add(em, 'late')));
    await expectUnavailable(database.unitOfWork.read(namesIn));
    await Promise.all([...begun, closing]);
    await expectUnavailable(database.unitOfWork.write((em) => add(em, 'later')));
    await expectUnavailable(database.unitOfWork.read(namesIn));
    expect(await rawSql(place, 'SELECT name FROM entries')).toHaveLength(20);
  });

  it('lets a read that was begun finish', async () => {
    const begun = gate();
    const goOn = gate();
    const read = database.unitOfWork.read(async (em) => {
      await namesIn(em);
      begun.open();
      await goOn.passed;
      return namesIn(em);
    });
    await begun.passed;
    const closing = database.close();
    goOn.open();
    expect(await read).toEqual([]);
    await closing;
  });

  it('loses nothing: another start finds it', async () => {
    void database.unitOfWork.write((em) => add(em, 'last'));
    await database.close();
    database = await open();
    expect([database.migrated, await committed()]).toEqual([[], ['last']]);
  });
});

onSqlite('the writer of SQLite', () => {
  it('takes units first in, first out', async () => {
    const order = Array.from({ length: 60 }, (_, i) => `${i}`);
    const answered: string[] = [];
    await Promise.all(
      order.map(async (name) => {
        await database.unitOfWork.write((em) => add(em, name));
        answered.push(name);
      }),
    );
    expect(answered).toEqual(order);
    expect(await committed()).toEqual(order);
  });

  it('shares durable commits between units that come together', async () => {
    const before = database.unitOfWork.state();
    const writes = Array.from({ length: 600 }, (_, i) => database.unitOfWork.write((em) => add(em, `${i}`)));
    expect(database.unitOfWork.state().waiting).toBe(600);
    await Promise.all(writes);
    const after = database.unitOfWork.state();
    expect(after.waiting).toBe(0);
    expect(after.units - before.units).toBe(600);
    // 256 units in a group at most, and far fewer where a busy machine ends a group after 20 ms.
    expect(after.commits - before.commits).toBeGreaterThanOrEqual(3);
    expect(after.commits - before.commits).toBeLessThan(300);
  });

  it('confirms no unit of a group whose commit fails, keeps none of it, and continues with the next', async () => {
    await rawSql(place, 'CREATE TABLE parents (id integer PRIMARY KEY)');
    await rawSql(
      place,
      'CREATE TABLE children (parent integer REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const results = await Promise.allSettled([
      database.unitOfWork.write((em) => add(em, 'innocent')),
      // A deferred key is only looked at by the commit, after all units have run.
      database.unitOfWork.write((em) => em.query('INSERT INTO children VALUES (1)')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await committed()).toEqual([]);
    await database.unitOfWork.write((em) => add(em, 'next'));
    expect(await committed()).toEqual(['next']);
  });

  it('says that it is unavailable while the disk is full, keeps nothing by halves, and writes again once there is space', async () => {
    const limit = (pages: number) =>
      database.unitOfWork.write((em) => em.query<unknown>(`PRAGMA max_page_count = ${pages}`));
    const [{ page_count }] = await database.unitOfWork.read((em) =>
      em.query<[{ page_count: number }]>('PRAGMA page_count'),
    );
    await limit(page_count + 10);
    const filling = 'x'.repeat(3_000);
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        database.unitOfWork.write(async (em) => {
          for (const part of ['a', 'b', 'c']) await add(em, `${i}${part}`, filling);
        }),
      ),
    );
    const kept = results.flatMap(({ status }, i) =>
      status === 'fulfilled' ? [`${i}a`, `${i}b`, `${i}c`] : [],
    );
    expect(await committed()).toEqual(kept);
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'unavailable' });
    }
    const large = (em: EntityManager) => add(em, 'large', 'x'.repeat(200_000));
    await expectUnavailable(database.unitOfWork.write(large), 'disk-full');
    // What only grows is not even tried; the limit can still be set.
    await expectUnavailable(
      database.unitOfWork.write((em) => add(em, 'small'), { grows: true }),
      'disk-full',
    );
    await limit(1_000_000);
    await database.unitOfWork.write((em) => add(em, 'large', 'x'.repeat(200_000)));
    expect(await committed()).toEqual([...kept, 'large']);
    expect(await rawSql(place, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });
});

onPostgres('a lost connection to PostgreSQL', () => {
  const pidOf = async (em: EntityManager) =>
    (await em.query<Array<{ pid: number }>>('SELECT pg_backend_pid() AS pid'))[0]?.pid;

  async function terminate(pid: number | undefined): Promise<void> {
    const client = new Client({ connectionString: place.databaseUrl });
    await client.connect();
    try {
      await client.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    } finally {
      await client.end();
    }
  }

  it('in a statement of a write is unavailable, leaves nothing of it, and the pool recovers', async () => {
    const write = database.unitOfWork.write(async (em) => {
      await add(em, 'lost');
      const pid = await pidOf(em);
      await Promise.all([em.query('SELECT pg_sleep(30)'), terminate(pid)]);
    });
    await expectUnavailable(write);
    expect(await committed()).toEqual([]);
    await database.unitOfWork.write((em) => add(em, 'next'));
    expect(await committed()).toEqual(['next']);
  });

  it('between two statements of a write is unavailable too', async () => {
    const write = database.unitOfWork.write(async (em) => {
      await add(em, 'lost');
      await terminate(await pidOf(em));
      await add(em, 'more');
    });
    await expectUnavailable(write);
    expect(await committed()).toEqual([]);
  });

  it('right before the commit is unavailable, never an answer', async () => {
    const write = database.unitOfWork.write(async (em) => {
      await add(em, 'lost');
      await terminate(await pidOf(em));
    });
    await expectUnavailable(write);
    expect(await committed()).toEqual([]);
  });

  it('of all idle connections at once is healed by the next calls', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => database.unitOfWork.write((em) => add(em, `${i}`))),
    );
    await rawSql(
      place,
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const later = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => database.unitOfWork.write((em) => add(em, `later ${i}`))),
    );
    for (const result of later) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'unavailable' });
    }
    await database.unitOfWork.write((em) => add(em, 'at last'));
    expect(await committed()).toContain('at last');
  });
});
