import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Graphs that rest are packed once more tightly: when, and how far that is done. */
export class IdlePacking1764001400000 implements MigrationInterface {
  readonly name = 'IdlePacking1764001400000';

  async up(runner: QueryRunner): Promise<void> {
    const int64 = runner.dataSource.options.type === 'postgres' ? 'bigint' : 'integer';
    await runner.query(`ALTER TABLE "graph_chores" ADD COLUMN "due_at" ${int64}`);
    await runner.query('CREATE INDEX "ix_graph_chores_due_at" ON "graph_chores" ("due_at")');
    // Whatever is there already is looked at once; 2 is the number of this chore.
    await runner.query(
      `INSERT INTO "graph_chores" ("kind", "user_key", "graph_key", "after_version", "up_to_version", "due_at")
       SELECT 2, "user_key", "key", 0, 0, "updated_at" FROM "graphs" WHERE "version" > 1`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM "graph_chores" WHERE "kind" = 2');
    await runner.query('DROP INDEX "ix_graph_chores_due_at"');
    await runner.query('ALTER TABLE "graph_chores" DROP COLUMN "due_at"');
  }
}
