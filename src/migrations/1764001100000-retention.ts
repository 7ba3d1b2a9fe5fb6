import type { MigrationInterface, QueryRunner } from 'typeorm';

const GRAPH_COLUMNS = `"user_key", "key", "id", "version", "status", "text_version", "seq", "created_at", "updated_at", "deleted_at",
  "purge_at", "config_bytes", "anchor_version", "anchors", "since_anchor", "config_sha256", "title", "title_folded", "description", "head"`;

/**
 * Retention: policies, what is due on a graph, what is still to be done to one, and when the clock was right.
 *
 * On SQLite the new column of "graphs" must come before "head": reading a column after a large one reads all
 * of its pages. So the table is created again there.
 */
export class Retention1764001100000 implements MigrationInterface {
  readonly name = 'Retention1764001100000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    if (postgres) await runner.query('ALTER TABLE "graphs" ADD COLUMN "prune_due_at" bigint');
    else await remakeGraphs(runner, true);
    // Whatever is there already is looked at once.
    await runner.query('UPDATE "graphs" SET "prune_due_at" = "updated_at"');
    const statements = [
      'CREATE INDEX "ix_graphs_purge_at" ON "graphs" ("purge_at")',
      'CREATE INDEX "ix_graphs_prune_due_at" ON "graphs" ("prune_due_at")',
      `CREATE TABLE "graph_chores" ("kind" ${small} NOT NULL, "user_key" ${int64} NOT NULL, "graph_key" ${int64} NOT NULL,
       "after_version" integer NOT NULL, "up_to_version" integer NOT NULL, CONSTRAINT "pk_graph_chores" PRIMARY KEY ("kind", "user_key", "graph_key"))`,
      `CREATE TABLE "policies" ("user_key" ${int64} NOT NULL, "graph_key" ${int64} NOT NULL, "seq" ${int64} NOT NULL,
       "changed_at" ${int64}, "keep_last" integer, "keep_within_hours" integer, "keep_hourly" integer, "keep_daily" integer,
       "keep_weekly" integer, "keep_monthly" integer, "keep_yearly" integer, "deleted_retention_days" integer,
       CONSTRAINT "pk_policies" PRIMARY KEY ("user_key", "graph_key"))`,
      'CREATE INDEX "ix_policies_seq" ON "policies" ("seq")',
      'CREATE INDEX "ix_policies_changed_at" ON "policies" ("changed_at")',
      `CREATE TABLE "retention_state" ("id" ${small} NOT NULL, "default_policy" text NOT NULL,
       CONSTRAINT "pk_retention_state" PRIMARY KEY ("id"))`,
      `CREATE TABLE "clock_marks" ("id" ${small} NOT NULL, "seen_at" ${int64} NOT NULL,
       CONSTRAINT "pk_clock_marks" PRIMARY KEY ("id"))`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    for (const table of ['clock_marks', 'retention_state', 'policies', 'graph_chores'])
      await runner.query(`DROP TABLE "${table}"`);
    await runner.query('DROP INDEX "ix_graphs_prune_due_at"');
    await runner.query('DROP INDEX "ix_graphs_purge_at"');
    if (postgres) await runner.query('ALTER TABLE "graphs" DROP COLUMN "prune_due_at"');
    else await remakeGraphs(runner, false);
  }
}

async function remakeGraphs(runner: QueryRunner, withDue: boolean): Promise<void> {
  const statements = [
    'ALTER TABLE "graphs" RENAME TO "graphs_before"',
    'DROP INDEX "ux_graphs_id"',
    'DROP INDEX "ix_graphs_seq"',
    `CREATE TABLE "graphs" ("user_key" integer NOT NULL, "key" integer NOT NULL, "id" blob NOT NULL, "version" integer NOT NULL,
     "status" integer NOT NULL, "text_version" integer NOT NULL, "seq" integer NOT NULL, "created_at" integer NOT NULL,
     "updated_at" integer NOT NULL, "deleted_at" integer, "purge_at" integer, ${withDue ? '"prune_due_at" integer,' : ''}
     "config_bytes" integer NOT NULL, "anchor_version" integer NOT NULL, "anchors" integer NOT NULL, "since_anchor" integer NOT NULL,
     "config_sha256" blob NOT NULL, "title" text NOT NULL, "title_folded" text NOT NULL, "description" text, "head" blob NOT NULL,
     CONSTRAINT "pk_graphs" PRIMARY KEY ("user_key", "key"))`,
    `INSERT INTO "graphs" (${GRAPH_COLUMNS}) SELECT ${GRAPH_COLUMNS} FROM "graphs_before"`,
    'DROP TABLE "graphs_before"',
    'CREATE UNIQUE INDEX "ux_graphs_id" ON "graphs" ("user_key", "id")',
    'CREATE INDEX "ix_graphs_seq" ON "graphs" ("seq")',
  ];
  for (const statement of statements) await runner.query(statement);
}
