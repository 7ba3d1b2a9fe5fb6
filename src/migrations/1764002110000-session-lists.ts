import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists the sessions of an account by time: a script that signs in every minute has 43,200 of them. */
export class SessionLists1764002110000 implements MigrationInterface {
  readonly name = 'SessionLists1764002110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX "ix_sessions_list" ON "sessions" ("user_key", "created_at", "id")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "ix_sessions_list"');
  }
}
