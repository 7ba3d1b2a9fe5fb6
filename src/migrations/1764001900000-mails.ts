import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mails that wait to be sent. */
export class Mails1764001900000 implements MigrationInterface {
  readonly name = 'Mails1764001900000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const plain = postgres ? 'text COLLATE "C"' : 'text';
    await runner.query(
      `CREATE TABLE "mails" ("user_key" ${int64} NOT NULL, "kind" ${small} NOT NULL, "reference" ${plain} NOT NULL,
       "created_at" ${int64} NOT NULL, "next_attempt_at" ${int64} NOT NULL, "expires_at" ${int64} NOT NULL,
       "attempts" integer NOT NULL, "failure" text, "details" text,
       CONSTRAINT "pk_mails" PRIMARY KEY ("user_key", "kind", "reference"))`,
    );
    await runner.query('CREATE INDEX "ix_mails_due" ON "mails" ("kind", "next_attempt_at")');
    await runner.query('CREATE INDEX "ix_mails_expires_at" ON "mails" ("expires_at")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "mails"');
  }
}
