import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept counters of what each user has stored, filled from what is there, and the points of their sums over time. */
export class Usage1764001300000 implements MigrationInterface {
  readonly name = 'Usage1764001300000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const counts = ['graphs', 'versions', 'config_bytes', 'head_bytes', 'frame_bytes']
      .map((column) => `"${column}" ${int64} NOT NULL`)
      .join(', ');
    await runner.query(
      `CREATE TABLE "user_usage" ("user_key" ${int64} NOT NULL, "part" ${small} NOT NULL, ${counts},
       CONSTRAINT "pk_user_usage" PRIMARY KEY ("user_key", "part"))`,
    );
    await runner.query(
      `CREATE TABLE "usage_points" ("at" ${int64} NOT NULL, "users" ${int64} NOT NULL, ${counts},
       CONSTRAINT "pk_usage_points" PRIMARY KEY ("at"))`,
    );
    await runner.query(
      `INSERT INTO "user_usage" ("user_key", "part", "graphs", "versions", "config_bytes", "head_bytes", "frame_bytes")
       SELECT "user_key", 0, SUM("graphs"), SUM("versions"), SUM("config_bytes"), SUM("head_bytes"), SUM("frame_bytes")
       FROM (SELECT "user_key", 1 AS "graphs", 0 AS "versions", 0 AS "config_bytes", octet_length("head") AS "head_bytes", 0 AS "frame_bytes" FROM "graphs"
         UNION ALL SELECT "user_key", 0, 1, "config_bytes", 0, octet_length("frame") FROM "versions") AS "rows_of_users"
       GROUP BY "user_key"`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['usage_points', 'user_usage']) await runner.query(`DROP TABLE "${table}"`);
  }
}
