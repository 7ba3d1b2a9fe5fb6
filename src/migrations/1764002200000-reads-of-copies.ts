import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Remembers when each segment of the copies was last read back, so that a night reads a share of them. */
export class ReadsOfCopies1764002200000 implements MigrationInterface {
  readonly name = 'ReadsOfCopies1764002200000';

  async up(runner: QueryRunner): Promise<void> {
    const int64 = runner.dataSource.options.type === 'postgres' ? 'bigint' : 'integer';
    await runner.query(`ALTER TABLE "backup_runs" ADD COLUMN "read_at" ${int64}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "backup_runs" DROP COLUMN "read_at"');
  }
}
