import type { EntityManager, QueryRunner } from 'typeorm';
import type { BatchingClient } from './batching-client';
import { ownMember } from '../hardening/own-member';
import { AS_ARRAYS } from './prepared-sqlite';

/** A parameter of a statement. Booleans are stored as 0 and 1 on both databases. */
export type SqlValue = string | number | null | Uint8Array;
export type SqlParams = Record<string, SqlValue | readonly SqlValue[]>;

/** Longer lists of integers are sent as one value: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const LONG_LIST = 500;

/** Where a placeholder's value is found: in `params[name]`, or in the list that stands there. */
interface Place {
  name: string;
  /** The position in the list; null for a plain value, `json` and `array` for a whole list. */
  at: number | null | 'json' | 'array';
}

interface Compiled {
  text: string;
  places: Place[];
}

const PARAMETER = /(?<!:):(\.\.\.)?([a-z_][a-z0-9_]*)/gi;

/**
 * One SQL text with named parameters (`:name`, and `IN (:...names)` for a list of any length), made once and prepared by the
 * driver, valid on SQLite and PostgreSQL alike. Hot paths need it: TypeORM's `save()` costs 3 ms a call,
 * and its builder builds the text each time.
 */
export class Statement<Row = Record<string, never>> {
  private readonly compiled = new Map<boolean, Compiled>();
  private readonly hasList: boolean;

  constructor(private readonly sql: string) {
    this.hasList = sql.includes(':...');
  }

  /** All rows, in the order of the SQL. */
  async all(em: EntityManager, params: SqlParams = {}): Promise<Row[]> {
    const { records } = await this.execute(em, params);
    return records as Row[];
  }

  /** All rows as arrays of values, in the order of the SQL's columns, which need different names. For many rows. */
  async values(em: EntityManager, params: SqlParams = {}): Promise<unknown[][]> {
    const { runner, postgres } = databaseOf(em);
    const { text, places } = this.compile(postgres, params);
    // Other runners than `preparedOn` take it for true.
    const structured = AS_ARRAYS as unknown as true;
    const { records } = await runner.query(text, bind(places, params), structured);
    return (records as object[]).map((row) => (Array.isArray(row) ? row : Object.values(row)) as unknown[]);
  }

  /** The first row, or undefined. */
  async one(em: EntityManager, params: SqlParams = {}): Promise<Row | undefined> {
    const { records } = await this.execute(em, params);
    return (records as Row[])[0];
  }

  /** Runs a statement without RETURNING; returns the number of changed rows. */
  async run(em: EntityManager, params: SqlParams = {}): Promise<number> {
    return (await this.execute(em, params)).affected ?? 0;
  }

  /**
   * Runs a statement of a write whose result is not needed. On PostgreSQL it is sent together with the unit's next
   * statement or commit, which also throws its error.
   */
  async send(em: EntityManager, params: SqlParams = {}): Promise<void> {
    const { runner, postgres } = databaseOf(em);
    if (!postgres) return void (await this.execute(em, params));
    const { text, places } = this.compile(true, params);
    ((await runner.connect()) as BatchingClient).hold({ text, values: bind(places, params) });
  }

  private execute(em: EntityManager, params: SqlParams): ReturnType<typeof structured> {
    const { runner, postgres } = databaseOf(em);
    const { text, places } = this.compile(postgres, params);
    return structured(runner, text, bind(places, params));
  }

  private compile(postgres: boolean, params: SqlParams): Compiled {
    if (this.hasList) return print(this.sql, postgres, params);
    let compiled = this.compiled.get(postgres);
    if (!compiled) {
      compiled = print(this.sql, postgres, params);
      this.compiled.set(postgres, compiled);
    }
    return compiled;
  }
}

function databaseOf(em: EntityManager): { runner: QueryRunner; postgres: boolean } {
  const runner = em.queryRunner;
  if (!runner) throw new Error('A statement needs the entity manager of UnitOfWork.');
  return { runner, postgres: runner.dataSource.options.type === 'postgres' };
}

function structured(runner: QueryRunner, text: string, values: SqlValue[]) {
  return runner.query(text, values, true);
}

function print(sql: string, postgres: boolean, params: SqlParams): Compiled {
  const places: Place[] = [];
  const place = (name: string, at: Place['at']) => {
    places.push({ name, at });
    return postgres ? `$${places.length}` : '?';
  };
  const text = sql.replace(PARAMETER, (_, list: string | undefined, name: string) => {
    if (!list) return place(name, null);
    const values = ownMember(params, name);
    if (!Array.isArray(values) || values.length === 0)
      throw new Error(`:...${name} needs a list that is not empty.`);
    if (isLong(values))
      return postgres
        ? `SELECT unnest(${place(name, 'array')}::bigint[])`
        : `SELECT value FROM json_each(${place(name, 'json')})`;
    return values.map((_value, at) => place(name, at)).join(', ');
  });
  return { text, places };
}

/** Integers can be joined to JSON, or to an array literal, without any quoting. */
function isLong(values: readonly unknown[]): boolean {
  return values.length > LONG_LIST && values.every((value) => Number.isSafeInteger(value));
}

function bind(places: readonly Place[], params: SqlParams): SqlValue[] {
  return places.map(({ name, at }) => {
    const value = ownMember(params, name);
    if (value === undefined) throw new Error(`The statement's parameter :${name} was not given.`);
    if (at === 'json') return `[${(value as readonly number[]).join(',')}]`;
    if (at === 'array') return `{${(value as readonly number[]).join(',')}}`;
    return (at === null ? value : (value as readonly SqlValue[])[at]) as SqlValue;
  });
}
