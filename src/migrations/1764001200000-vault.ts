import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The vault: how far it has followed, its runs and verifications, and how far a rebuild is. */
export class Vault1764001200000 implements MigrationInterface {
  readonly name = 'Vault1764001200000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    await runner.query(
      `CREATE TABLE "vault_state" ("id" ${small} NOT NULL, "lineage" text NOT NULL, "generation" ${int64} NOT NULL,
       "next_index" integer NOT NULL, "tip" text, "tip_sha256" text, "stored_seq" ${int64} NOT NULL, "seal" ${int64} NOT NULL, "expired_seal" ${int64} NOT NULL,
       "verified_seq" ${int64} NOT NULL, "sweep_seq" ${int64} NOT NULL, "needs_full" ${small} NOT NULL, "full_at" ${int64},
       "ok_at" ${int64}, "stored_at" ${int64}, "verified_at" ${int64}, "recovery_ms" ${int64},
       CONSTRAINT "pk_vault_state" PRIMARY KEY ("id"))`,
    );
    await runner.query(
      `CREATE TABLE "backup_runs" ("id" ${bytes} NOT NULL, "kind" text NOT NULL, "status" text NOT NULL, "lineage" text NOT NULL,
       "generation" ${int64} NOT NULL, "place" integer NOT NULL, "from_seq" ${int64} NOT NULL, "to_seq" ${int64} NOT NULL,
       "versions" integer NOT NULL, "bytes" ${int64} NOT NULL, "object" text, "sha256" text, "started_at" ${int64} NOT NULL,
       "finished_at" ${int64}, "verified_at" ${int64}, "error" text, CONSTRAINT "pk_backup_runs" PRIMARY KEY ("id"))`,
    );
    await runner.query(
      'CREATE INDEX "ix_backup_runs_place" ON "backup_runs" ("lineage", "generation", "place")',
    );
    await runner.query(
      `CREATE TABLE "backup_verifications" ("id" ${bytes} NOT NULL, "run_id" ${bytes}, "after_copy" ${small} NOT NULL, "status" text NOT NULL,
       "started_at" ${int64} NOT NULL, "finished_at" ${int64}, "objects" integer NOT NULL, "bytes" ${int64} NOT NULL,
       "graphs" integer NOT NULL, "versions" integer NOT NULL, "recovery_ms" ${int64}, "error" text,
       CONSTRAINT "pk_backup_verifications" PRIMARY KEY ("id"))`,
    );
    await runner.query(
      `CREATE TABLE "rebuild_progress" ("id" ${small} NOT NULL, "source" text NOT NULL, "tip" text NOT NULL,
       "segment" text NOT NULL, "frames" integer NOT NULL, "finished" ${small} NOT NULL,
       CONSTRAINT "pk_rebuild_progress" PRIMARY KEY ("id"))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['rebuild_progress', 'backup_verifications', 'backup_runs', 'vault_state'])
      await runner.query(`DROP TABLE "${table}"`);
  }
}
