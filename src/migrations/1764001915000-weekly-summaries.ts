import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who wants a weekly summary by mail. */
export class WeeklySummaries1764001915000 implements MigrationInterface {
  readonly name = 'WeeklySummaries1764001915000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    await runner.query(
      `CREATE TABLE "weekly_summaries" ("user_key" ${int64} NOT NULL, "seq" ${int64} NOT NULL, "enabled" ${small} NOT NULL,
       "last_week" ${int64} NOT NULL, CONSTRAINT "pk_weekly_summaries" PRIMARY KEY ("user_key"))`,
    );
    await runner.query('CREATE INDEX "ix_weekly_summaries_seq" ON "weekly_summaries" ("seq")');
    await runner.query(
      'CREATE INDEX "ix_weekly_summaries_due" ON "weekly_summaries" ("enabled", "last_week")',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "weekly_summaries"');
  }
}
