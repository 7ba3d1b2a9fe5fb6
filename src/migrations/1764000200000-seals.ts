import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Seals over ranges of the journal, so that a change of it is detected; and the order to read it in by time. */
export class Seals1764000200000 implements MigrationInterface {
  readonly name = 'Seals1764000200000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    await runner.query(
      `CREATE TABLE "seals" ("number" ${int64} NOT NULL, "from_seq" ${int64} NOT NULL, "to_seq" ${int64} NOT NULL, "events" integer NOT NULL,
       "made_at" ${int64} NOT NULL, "previous" ${bytes} NOT NULL, "digest" ${bytes} NOT NULL, "expired_at" ${int64},
       "expiry_digest" ${bytes}, "tags" ${bytes}, CONSTRAINT "pk_seals" PRIMARY KEY ("number"))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "seals"');
  }
}
