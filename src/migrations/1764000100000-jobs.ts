import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs: their leases, and the records of their runs. */
export class Jobs1764000100000 implements MigrationInterface {
  readonly name = 'Jobs1764000100000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const plainText = postgres ? 'text COLLATE "C"' : 'text';
    await runner.query(
      `CREATE TABLE "jobs" ("id" ${plainText} NOT NULL, "fence" ${int64} NOT NULL, "expires_at" ${int64} NOT NULL,
       "done_until" ${int64} NOT NULL, CONSTRAINT "pk_jobs" PRIMARY KEY ("id"))`,
    );
    await runner.query(
      `CREATE TABLE "job_runs" ("job_id" ${plainText} NOT NULL, "fence" ${int64} NOT NULL, "status" text NOT NULL,
       "started_at" ${int64} NOT NULL, "finished_at" ${int64}, "error" text, "summary" text,
       CONSTRAINT "pk_job_runs" PRIMARY KEY ("job_id", "fence"))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "job_runs"');
    await runner.query('DROP TABLE "jobs"');
  }
}
