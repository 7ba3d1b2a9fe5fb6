import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts literal secrets in the documents of sources: how many, never which. */
export class SourceSecrets1764003100000 implements MigrationInterface {
  readonly name = 'SourceSecrets1764003100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "source_items" ADD COLUMN "secrets" integer');
    await runner.query('ALTER TABLE "sources" ADD COLUMN "with_secrets" integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "sources" DROP COLUMN "with_secrets"');
    await runner.query('ALTER TABLE "source_items" DROP COLUMN "secrets"');
  }
}
