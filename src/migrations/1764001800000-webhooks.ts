import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, how far each of them is, and their deliveries. */
export class Webhooks1764001800000 implements MigrationInterface {
  readonly name = 'Webhooks1764001800000';

  async up(runner: QueryRunner): Promise<void> {
    const postgres = runner.dataSource.options.type === 'postgres';
    const int64 = postgres ? 'bigint' : 'integer';
    const small = postgres ? 'smallint' : 'integer';
    const bytes = postgres ? 'bytea' : 'blob';
    await runner.query(
      `CREATE TABLE "webhooks" ("user_key" ${int64} NOT NULL, "key" ${int64} NOT NULL, "id" ${bytes} NOT NULL,
       "seq" ${int64} NOT NULL, "created_at" ${int64} NOT NULL, "deleted_at" ${int64}, "enabled" ${small} NOT NULL,
       "format" ${small} NOT NULL, "name" text NOT NULL, "events" text NOT NULL, "graph_ids" ${bytes} NOT NULL,
       "previous_until" ${int64}, "disabled_at" ${int64}, "disabled_reason" text, "sealed" ${bytes} NOT NULL,
       CONSTRAINT "pk_webhooks" PRIMARY KEY ("user_key", "key"))`,
    );
    await runner.query(
      `CREATE TABLE "webhook_states" ("user_key" ${int64} NOT NULL, "webhook_key" ${int64} NOT NULL, "active" ${small} NOT NULL,
       "operational" ${small} NOT NULL, "slow" ${small} NOT NULL, "cursor_seq" ${int64} NOT NULL, "news_seq" ${int64} NOT NULL,
       "due_at" ${int64}, "failures" integer NOT NULL, "failing_since" ${int64}, "last_attempt_at" ${int64},
       "last_success_at" ${int64}, "deliveries" integer NOT NULL,
       CONSTRAINT "pk_webhook_states" PRIMARY KEY ("user_key", "webhook_key"))`,
    );
    await runner.query(
      `CREATE TABLE "webhook_deliveries" ("user_key" ${int64} NOT NULL, "webhook_key" ${int64} NOT NULL, "n" integer NOT NULL,
       "event_seq" ${int64} NOT NULL, "type" text NOT NULL, "lane" ${bytes} NOT NULL, "status" ${small} NOT NULL,
       "created_at" ${int64} NOT NULL, "due_at" ${int64} NOT NULL, "give_up_at" ${int64} NOT NULL, "attempts" integer NOT NULL,
       "last_attempt_at" ${int64}, "http_status" ${small}, "duration_ms" integer, "failure" text,
       CONSTRAINT "pk_webhook_deliveries" PRIMARY KEY ("user_key", "webhook_key", "n"))`,
    );
    await runner.query(
      `CREATE TABLE "webhook_feed" ("id" integer NOT NULL, "seen_seq" ${int64} NOT NULL, CONSTRAINT "pk_webhook_feed" PRIMARY KEY ("id"))`,
    );
    await runner.query('INSERT INTO "webhook_feed" ("id", "seen_seq") VALUES (1, 0)');
    await runner.query('CREATE UNIQUE INDEX "ux_webhooks_id" ON "webhooks" ("user_key", "id")');
    await runner.query('CREATE INDEX "ix_webhooks_seq" ON "webhooks" ("seq")');
    await runner.query(
      'CREATE INDEX "ix_webhook_states_due" ON "webhook_states" ("slow", "due_at") WHERE "due_at" IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX "ix_webhook_states_operational" ON "webhook_states" ("operational") WHERE "operational" = 1',
    );
    await runner.query(
      'CREATE INDEX "ix_webhook_states_failing" ON "webhook_states" ("failures") WHERE "failures" > 0',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_feed', 'webhook_deliveries', 'webhook_states', 'webhooks'])
      await runner.query(`DROP TABLE "${table}"`);
  }
}
