import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators were told about the conditions of the installation. */
export class Alerts1764001910000 implements MigrationInterface {
  readonly name = 'Alerts1764001910000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    await runner.query(
      `CREATE TABLE "alerts" ("condition" text NOT NULL, "active" ${small} NOT NULL, "since" ${int64} NOT NULL,
       "changes" integer NOT NULL, "told_active" ${small} NOT NULL, "told_at" ${int64},
       CONSTRAINT "pk_alerts" PRIMARY KEY ("condition"))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "alerts"');
  }
}
