import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'staged_changes',
  'idempotency_keys',
  'version_texts',
  'versions',
  'graphs',
  'master_keys',
  'user_keys',
  'users',
  'journal',
];

/**
 * The first schema: accounts and their keys, graphs, their versions, the journal.
 *
 * Rows are kept lean, because most versions cost less than their row: integer keys inside, ids and hashes as
 * bytes, numbers for names, the frame last. There are no foreign keys: they would cost an index look-up and, on
 * PostgreSQL, a lock with every version; rows leave only by explicit statements.
 */
export class Initial1764000000000 implements MigrationInterface {
  readonly name = 'Initial1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    for (const statement of statements(postgres)) await runner.query(statement);
    // Frames are compressed and sealed already: PostgreSQL need not try to compress them again.
    if (postgres) {
      await runner.query('ALTER TABLE "versions" ALTER COLUMN "frame" SET STORAGE EXTERNAL');
      await runner.query('ALTER TABLE "graphs" ALTER COLUMN "head" SET STORAGE EXTERNAL');
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE "${table}"`);
  }
}

function statements(postgres: boolean): string[] {
  const int64 = postgres ? 'bigint' : 'integer';
  const small = postgres ? 'smallint' : 'integer';
  const bytes = postgres ? 'bytea' : 'blob';
  const plainText = postgres ? 'text COLLATE "C"' : 'text';
  const key = (table: string, ...columns: string[]) =>
    `CONSTRAINT "pk_${table}" PRIMARY KEY (${columns.map((column) => `"${column}"`).join(', ')})`;
  const seq = postgres
    ? `"seq" BIGSERIAL NOT NULL CONSTRAINT "pk_journal" PRIMARY KEY`
    : '"seq" integer PRIMARY KEY AUTOINCREMENT NOT NULL';
  return [
    `CREATE TABLE "journal" (${seq}, "at" ${int64} NOT NULL, "user_key" ${int64}, "actor_key" ${int64},
     "action" ${small} NOT NULL, "subject_id" ${bytes}, "version" integer, "request_id" ${bytes}, "ip" text, "details" text)`,
    'CREATE INDEX "ix_journal_user" ON "journal" ("user_key", "seq")',

    `CREATE TABLE "users" ("key" ${int64} NOT NULL, "id" ${bytes} NOT NULL, "seq" ${int64} NOT NULL, "created_at" ${int64} NOT NULL,
     "is_active" ${small} NOT NULL, "role" text NOT NULL, "email" ${plainText} NOT NULL, "password_hash" text NOT NULL, ${key('users', 'key')})`,
    'CREATE UNIQUE INDEX "ux_users_id" ON "users" ("id")',
    'CREATE UNIQUE INDEX "ux_users_email" ON "users" ("email")',
    'CREATE INDEX "ix_users_seq" ON "users" ("seq")',

    `CREATE TABLE "user_keys" ("user_key" ${int64} NOT NULL, "user_id" ${bytes} NOT NULL, "master_id" ${bytes} NOT NULL, "created_at" ${int64} NOT NULL,
     "wrapped" ${bytes} NOT NULL, ${key('user_keys', 'user_key')})`,
    `CREATE TABLE "master_keys" ("id" ${bytes} NOT NULL, "created_at" ${int64} NOT NULL, "retired_at" ${int64}, ${key('master_keys', 'id')})`,

    `CREATE TABLE "graphs" ("user_key" ${int64} NOT NULL, "key" ${int64} NOT NULL, "id" ${bytes} NOT NULL, "version" integer NOT NULL,
     "status" ${small} NOT NULL, "text_version" integer NOT NULL, "seq" ${int64} NOT NULL, "created_at" ${int64} NOT NULL,
     "updated_at" ${int64} NOT NULL, "deleted_at" ${int64}, "purge_at" ${int64}, "config_bytes" integer NOT NULL,
     "anchor_version" integer NOT NULL, "anchors" ${small} NOT NULL, "since_anchor" ${small} NOT NULL, "config_sha256" ${bytes} NOT NULL,
     "title" text NOT NULL, "title_folded" ${plainText} NOT NULL, "description" text, "head" ${bytes} NOT NULL, ${key('graphs', 'user_key', 'key')})`,
    'CREATE UNIQUE INDEX "ux_graphs_id" ON "graphs" ("user_key", "id")',
    'CREATE INDEX "ix_graphs_seq" ON "graphs" ("seq")',

    `CREATE TABLE "versions" ("user_key" ${int64} NOT NULL, "graph_key" ${int64} NOT NULL, "version" integer NOT NULL,
     "base_version" integer, "change" ${small} NOT NULL, "status" ${small} NOT NULL, "text_version" integer NOT NULL,
     "created_at" ${int64} NOT NULL, "valid_until" ${int64}, "label" text, "pinned" ${small} NOT NULL, "restored_from" integer, "config_bytes" integer NOT NULL,
     "seq" ${int64} NOT NULL, "config_sha256" ${bytes} NOT NULL, "frame" ${bytes} NOT NULL, ${key('versions', 'user_key', 'graph_key', 'version')})`,
    'CREATE INDEX "ix_versions_seq" ON "versions" ("seq")',

    `CREATE TABLE "version_texts" ("user_key" ${int64} NOT NULL, "graph_key" ${int64} NOT NULL, "version" integer NOT NULL,
     "seq" ${int64} NOT NULL, "title" text NOT NULL, "description" text, ${key('version_texts', 'user_key', 'graph_key', 'version')})`,
    'CREATE INDEX "ix_version_texts_seq" ON "version_texts" ("seq")',

    `CREATE TABLE "idempotency_keys" ("user_key" ${int64} NOT NULL, "key_sha256" ${bytes} NOT NULL, "request_sha256" ${bytes} NOT NULL,
     "graph_id" ${bytes} NOT NULL, "created_at" ${int64} NOT NULL, ${key('idempotency_keys', 'user_key', 'key_sha256')})`,
    `CREATE TABLE "staged_changes" ("user_key" ${int64} NOT NULL, "run" ${bytes} NOT NULL, "graph_key" ${int64} NOT NULL,
     "graph_id" ${bytes} NOT NULL, "expected_seq" ${int64} NOT NULL, "version" integer NOT NULL, "base_version" integer,
     "change" ${small} NOT NULL, "status" ${small} NOT NULL, "text_version" integer NOT NULL, "created_at" ${int64} NOT NULL,
     "deleted_at" ${int64}, "purge_at" ${int64}, "restored_from" integer, "config_bytes" integer NOT NULL,
     "anchor_version" integer NOT NULL, "anchors" ${small} NOT NULL, "since_anchor" ${small} NOT NULL, "config_sha256" ${bytes} NOT NULL,
     "title" text NOT NULL, "title_folded" ${plainText} NOT NULL, "description" text, "frame" ${bytes} NOT NULL, "head" ${bytes} NOT NULL,
     ${key('staged_changes', 'user_key', 'run', 'graph_key')})`,
    'CREATE INDEX "ix_idempotency_keys_created_at" ON "idempotency_keys" ("created_at")',
  ];
}
