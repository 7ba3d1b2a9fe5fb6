import type { QueryRunner } from 'typeorm';
import { LoopTurn } from './loop-turn';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('LoopTurn', () => {
  let now: number;
  let log: string[];
  let turn: LoopTurn;
  let reader: QueryRunner;
  let writer: QueryRunner;

  /** Its statements are noted; they take no time, but `slow` 11 ms. */
  function connection() {
    const query = (sql: string) => {
      log.push(sql);
      if (sql === 'slow') now += 11;
      return Promise.resolve(sql);
    };
    return { query } as unknown as QueryRunner;
  }

  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    log = [];
    turn = new LoopTurn();
    reader = turn.share(connection());
    writer = turn.share(connection(), { first: true });
  });

  it('runs statements at once while a turn has time left', async () => {
    await reader.query('a');
    now = 10;
    await reader.query('b');

    expect(log).toEqual(['a', 'b']);
  });

  it('holds statements back once a turn has taken 10 ms, until the event loop has turned', async () => {
    await reader.query('a');
    now = 11;
    const late = reader.query('b');
    await Promise.resolve();
    expect(log).toEqual(['a']);

    await expect(late).resolves.toBe('b');
  });

  it('runs waiting statements in their order, and no new one before them', async () => {
    await reader.query('a');
    now = 11;
    const waiting = [reader.query('b'), reader.query('c')];
    // A new turn: its 10 ms are unused, but two statements are in line.
    const newcomer = nextTurn().then(() => reader.query('d'));
    await Promise.all([...waiting, newcomer]);

    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('runs as many waiting statements in one turn as fit into 10 ms', async () => {
    await reader.query('a');
    now = 11;
    const waiting = ['b', 'slow', 'd'].map((sql) => reader.query(sql));
    await nextTurn();
    expect(log).toEqual(['a', 'b', 'slow']);

    await Promise.all(waiting);
    expect(log).toEqual(['a', 'b', 'slow', 'd']);
  });

  it('lets the writer pass the waiting reads', async () => {
    await reader.query('a');
    now = 11;
    await Promise.all([reader.query('b'), writer.query('w'), reader.query('c')]);

    expect(log).toEqual(['a', 'w', 'b', 'c']);
  });

  it('goes on after a statement that fails', async () => {
    const failing = turn.share({
      query: () => Promise.reject(new Error('no such table')),
    } as unknown as QueryRunner);
    await reader.query('a');
    now = 11;
    const failed = failing.query('bad');
    const next = reader.query('b');

    await expect(failed).rejects.toThrow('no such table');
    await expect(next).resolves.toBe('b');
  });
});
