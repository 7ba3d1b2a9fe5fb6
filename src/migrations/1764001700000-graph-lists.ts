import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists and title searches read one index and not the rows. PostgreSQL takes at most 2,704 bytes in a row of an
 * index, so longer folded titles, which only ligatures can make, are cut: 600 characters have at most 2,400 bytes.
 */
export class GraphLists1764001700000 implements MigrationInterface {
  readonly name = 'GraphLists1764001700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'UPDATE "graphs" SET "title_folded" = substr("title_folded", 1, 600) WHERE length("title_folded") > 600',
    );
    await runner.query(
      `CREATE INDEX "ix_graphs_list" ON "graphs"
       ("user_key", "key", "updated_at", "deleted_at", "purge_at", "status", "title_folded")`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "ix_graphs_list"');
  }
}
