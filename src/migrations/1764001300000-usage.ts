import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept counters of what each user has stored, filled from what is there, and the points of their sums over time. */
export class Usage1764001300000 implements MigrationInterface {
  readonly name = 'Usage1764001300000';

  async up(runner: QueryRunner): Promise<void> {
    const int64 = runner.dataSource.options.type === 'postgres' ? 'bigint' : 'integer';
    const counts = ['graphs', 'versions', 'config_bytes', 'head_bytes', 'frame_bytes']
      .map((column) => `"${column}" ${int64} NOT NULL`)
      .join(', ');
    await runner.query(
      `CREATE TABLE "user_usage" ("user_key" ${int64} NOT NULL, ${counts}, "stored_bytes" ${int64} NOT NULL,
       CONSTRAINT "pk_user_usage" PRIMARY KEY ("user_key"))`,
    );
    await runner.query('CREATE INDEX "ix_user_usage_stored_bytes" ON "user_usage" ("stored_bytes")');
    await runner.query(
      `CREATE TABLE "usage_points" ("at" ${int64} NOT NULL, "users" ${int64} NOT NULL, ${counts},
       CONSTRAINT "pk_usage_points" PRIMARY KEY ("at"))`,
    );
    await runner.query(
      `INSERT INTO "user_usage" ("user_key", "graphs", "versions", "config_bytes", "head_bytes", "frame_bytes", "stored_bytes")
       SELECT "user_key", SUM("graphs"), SUM("versions"), SUM("config_bytes"), SUM("head_bytes"), SUM("frame_bytes"), SUM("head_bytes") + SUM("frame_bytes")
       FROM (SELECT "user_key", 1 AS "graphs", 0 AS "versions", 0 AS "config_bytes", octet_length("head") AS "head_bytes", 0 AS "frame_bytes" FROM "graphs"
         UNION ALL SELECT "user_key", 0, 1, "config_bytes", 0, octet_length("frame") FROM "versions") AS "rows_of_users"
       GROUP BY "user_key"`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['usage_points', 'user_usage']) await runner.query(`DROP TABLE "${table}"`);
  }
}
