import type { EntityManager, QueryRunner } from 'typeorm';

/** What a statement can be given. Booleans are stored as 0 and 1 on both databases. */
export type SqlValue = string | number | null | Uint8Array;
export type SqlParams = Record<string, SqlValue | readonly SqlValue[]>;

interface Compiled {
  text: string;
  names: string[];
}

const PARAMETER = /(?<!:):(\.\.\.)?([a-z_][a-z0-9_]*)/gi;

/**
 * One SQL text with named parameters (`:name`, and `:...names` for a list), made once and prepared by the
 * driver, valid on SQLite and PostgreSQL alike. Hot paths need it: TypeORM's `save()` costs 3 ms a call,
 * and its builder prints the text anew each time.
 */
export class Statement<Row = Record<string, never>> {
  private readonly compiled = new Map<boolean, Compiled>();
  private readonly hasList: boolean;

  constructor(private readonly sql: string) {
    this.hasList = sql.includes(':...');
  }

  /** All rows, in the order the SQL says. */
  async all(em: EntityManager, params: SqlParams = {}): Promise<Row[]> {
    const { records } = await this.execute(em, params);
    return records as Row[];
  }

  /** The first row, or undefined. */
  async one(em: EntityManager, params: SqlParams = {}): Promise<Row | undefined> {
    return (await this.all(em, params))[0];
  }

  /** How many rows a statement without RETURNING changed. */
  async run(em: EntityManager, params: SqlParams = {}): Promise<number> {
    return (await this.execute(em, params)).affected ?? 0;
  }

  private execute(em: EntityManager, params: SqlParams): ReturnType<typeof structured> {
    const runner = em.queryRunner;
    if (!runner) throw new Error('A statement needs the entity manager that UnitOfWork hands out.');
    const postgres = runner.dataSource.options.type === 'postgres';
    const { text, names } = this.compile(postgres, params);
    return structured(runner, text, bind(names, params));
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

function structured(runner: QueryRunner, text: string, values: SqlValue[]) {
  return runner.query(text, values, true);
}

function print(sql: string, postgres: boolean, params: SqlParams): Compiled {
  const names: string[] = [];
  const place = (name: string) => (names.push(name), postgres ? `$${names.length}` : '?');
  const text = sql.replace(PARAMETER, (_, list: string | undefined, name: string) => {
    if (!list) return place(name);
    const values = params[name];
    if (!Array.isArray(values) || values.length === 0)
      throw new Error(`:...${name} needs a list that is not empty.`);
    return values.map((_value, i) => place(`${name}.${i}`)).join(', ');
  });
  return { text, names };
}

function bind(names: string[], params: SqlParams): SqlValue[] {
  return names.map((name) => {
    const [key, index] = name.split('.') as [string, string?];
    const value = params[key];
    if (value === undefined) throw new Error(`The statement's parameter :${key} was not given.`);
    return (index === undefined ? value : (value as readonly SqlValue[])[Number(index)]) as SqlValue;
  });
}
