import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['user_key', 'key', 'updated_at', 'deleted_at', 'purge_at', 'status'];

/**
 * Lists filter by backup status, which follows from `seq`, and by source, which names graphs by `id`: the index of
 * lists contains both. PostgreSQL takes at most 2,704 bytes in an entry; with a title of 2,400 it has less than 2,500.
 */
export class GraphFilters1764002100000 implements MigrationInterface {
  readonly name = 'GraphFilters1764002100000';

  async up(runner: QueryRunner): Promise<void> {
    await createAgain(runner, [...COLUMNS, 'seq', 'id', 'title_folded']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await createAgain(runner, [...COLUMNS, 'title_folded']);
  }
}

async function createAgain(runner: QueryRunner, columns: readonly string[]): Promise<void> {
  await runner.query('DROP INDEX "ix_graphs_list"');
  const list = columns.map((name) => `"${name}"`).join(', ');
  await runner.query(`CREATE INDEX "ix_graphs_list" ON "graphs" (${list})`);
}
