import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row that a health check writes, to see that the database takes writes. */
export class HealthProbe1764001000000 implements MigrationInterface {
  readonly name = 'HealthProbe1764001000000';

  async up(runner: QueryRunner): Promise<void> {
    const int64 = runner.dataSource.options.type === 'postgres' ? 'bigint' : 'integer';
    await runner.query(
      `CREATE TABLE "health_probe" ("id" ${int64} NOT NULL, "at" ${int64} NOT NULL, CONSTRAINT "pk_health_probe" PRIMARY KEY ("id"))`,
    );
    await runner.query('INSERT INTO "health_probe" ("id", "at") VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "health_probe"');
  }
}
