import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions, API tokens, and accounts that are being removed. */
export class Sessions1764000300000 implements MigrationInterface {
  readonly name = 'Sessions1764000300000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    const statements = [
      `CREATE TABLE "sessions" ("user_key" ${int64} NOT NULL, "id" ${bytes} NOT NULL, "generation" integer NOT NULL,
       "created_at" ${int64} NOT NULL, "expires_at" ${int64} NOT NULL, "ip" text NOT NULL,
       CONSTRAINT "pk_sessions" PRIMARY KEY ("user_key", "id"))`,
      'CREATE INDEX "ix_sessions_expires_at" ON "sessions" ("expires_at")',
      `CREATE TABLE "api_tokens" ("user_key" ${int64} NOT NULL, "id" ${bytes} NOT NULL, "name" text NOT NULL, "scopes" ${small} NOT NULL,
       "created_at" ${int64} NOT NULL, "expires_at" ${int64}, "last_used_at" ${int64}, "secret_sha256" ${bytes} NOT NULL,
       CONSTRAINT "pk_api_tokens" PRIMARY KEY ("user_key", "id"))`,
      'CREATE INDEX "ix_api_tokens_expires_at" ON "api_tokens" ("expires_at")',
      `ALTER TABLE "users" ADD COLUMN "deleted_at" ${int64}`,
      'CREATE INDEX "ix_users_deleted_at" ON "users" ("deleted_at")',
      `ALTER TABLE "user_keys" ADD COLUMN "destroyed_at" ${int64}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "user_keys" DROP COLUMN "destroyed_at"');
    await runner.query('DROP INDEX "ix_users_deleted_at"');
    await runner.query('ALTER TABLE "users" DROP COLUMN "deleted_at"');
    await runner.query('DROP TABLE "api_tokens"');
    await runner.query('DROP TABLE "sessions"');
  }
}
