import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Connections to tools, what they hold, and their runs. */
export class Sources1764001600000 implements MigrationInterface {
  readonly name = 'Sources1764001600000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    const plain = postgres ? 'text COLLATE "C"' : 'text';
    await runner.query(
      `CREATE TABLE "sources" ("user_key" ${int64} NOT NULL, "key" ${int64} NOT NULL, "id" ${bytes} NOT NULL,
       "seq" ${int64} NOT NULL, "created_at" ${int64} NOT NULL, "deleted_at" ${int64}, "kind" ${small} NOT NULL,
       "enabled" ${small} NOT NULL, "every_minutes" integer NOT NULL, "name" text NOT NULL, "url" ${plain} NOT NULL,
       "options" text NOT NULL, "hook_sha256" ${bytes} NOT NULL, "credentials" ${bytes} NOT NULL, "next_attempt_at" ${int64},
       "claimed_by" ${int64}, "last_attempt_at" ${int64}, "last_success_at" ${int64}, "failures" integer NOT NULL,
       "failure" text, "runs" integer NOT NULL, "items" integer NOT NULL, "changed" integer NOT NULL,
       "gone" integer NOT NULL, CONSTRAINT "pk_sources" PRIMARY KEY ("user_key", "key"))`,
    );
    await runner.query(
      `CREATE TABLE "source_items" ("user_key" ${int64} NOT NULL, "source_key" ${int64} NOT NULL, "remote_id" ${plain} NOT NULL,
       "seq" ${int64} NOT NULL, "graph_id" ${bytes}, "title" text NOT NULL, "fingerprint" ${bytes}, "config_sha256" ${bytes},
       "stored_at" ${int64}, "signal" text, "remote_changed_at" ${int64}, "missed" integer NOT NULL, "gone_since" ${int64},
       "trashed_at" ${int64}, "failure" text, CONSTRAINT "pk_source_items" PRIMARY KEY ("user_key", "source_key", "remote_id"))`,
    );
    await runner.query(
      `CREATE TABLE "source_runs" ("user_key" ${int64} NOT NULL, "source_key" ${int64} NOT NULL, "number" integer NOT NULL,
       "status" ${small} NOT NULL, "started_at" ${int64} NOT NULL, "finished_at" ${int64}, "seen" integer NOT NULL,
       "created" integer NOT NULL, "changed" integer NOT NULL, "unchanged" integer NOT NULL, "gone" integer NOT NULL,
       "failed" integer NOT NULL, "failure" text, "failed_items" text,
       CONSTRAINT "pk_source_runs" PRIMARY KEY ("user_key", "source_key", "number"))`,
    );
    await runner.query('CREATE UNIQUE INDEX "ux_sources_id" ON "sources" ("user_key", "id")');
    await runner.query('CREATE INDEX "ix_sources_seq" ON "sources" ("seq")');
    await runner.query('CREATE INDEX "ix_sources_next_attempt_at" ON "sources" ("next_attempt_at")');
    await runner.query('CREATE INDEX "ix_sources_failing" ON "sources" ("failures") WHERE "failures" > 0');
    await runner.query('CREATE INDEX "ix_source_items_seq" ON "source_items" ("seq")');
    await runner.query('CREATE INDEX "ix_source_items_graph" ON "source_items" ("user_key", "graph_id")');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['source_runs', 'source_items', 'sources'])
      await runner.query(`DROP TABLE "${table}"`);
  }
}
