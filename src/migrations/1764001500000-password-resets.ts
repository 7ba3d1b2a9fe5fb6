import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One-time links for forgotten passwords. */
export class PasswordResets1764001500000 implements MigrationInterface {
  readonly name = 'PasswordResets1764001500000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    await runner.query(
      `CREATE TABLE "password_resets" ("user_key" ${int64} NOT NULL, "created_at" ${int64} NOT NULL,
       "expires_at" ${int64} NOT NULL, "secret_sha256" ${bytes} NOT NULL,
       CONSTRAINT "pk_password_resets" PRIMARY KEY ("user_key"))`,
    );
    await runner.query('CREATE INDEX "ix_password_resets_expires_at" ON "password_resets" ("expires_at")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "password_resets"');
  }
}
