const { default: Sequencer } = require('@jest/test-sequencer');
const { statSync } = require('node:fs');
const { relative, sep } = require('node:path');

/**
 * Seconds of the spec files that take long, by project, as `npm run ci` prints them: [sqlite, postgres]. What is not
 * here takes less than ten seconds. A figure only decides when a file starts, so a rough one is enough.
 */
const LONG = {
  'test/faults/ninety-days.spec.ts': [15, 20],
  'test/faults/rotation-kill.spec.ts': [18, 45],
  'test/e2e/retention.spec.ts': [22, 26],
  'test/faults/postgres.spec.ts': [0, 38],
  'test/faults/vault-kill.spec.ts': [24, 15],
  'test/faults/migrate-to-postgres-kill.spec.ts': [0, 33],
  'test/e2e/fuzz.spec.ts': [15, 13],
  'test/faults/seals.spec.ts': [24, 8],
  'test/faults/disk-full.spec.ts': [15, 0],
  'test/faults/graph-restore.spec.ts': [10, 12],
  'test/faults/one-chain.spec.ts': [0, 15],
  'test/faults/kill.spec.ts': [9, 8],
  'test/faults/retention-kill.spec.ts': [12, 20],
  'test/faults/start-stop.spec.ts': [10, 7],
  'test/faults/lost-database.spec.ts': [10, 14],
  'test/e2e/metrics.spec.ts': [13, 8],
  'test/e2e/storage.spec.ts': [8, 14],
  'test/e2e/mail.spec.ts': [9, 12],
  'test/e2e/node-red.spec.ts': [22, 0],
  'test/faults/keys-copies.spec.ts': [9, 12],
  'test/faults/vault-rebuild.spec.ts': [9, 13],
  'test/faults/vault-s3.spec.ts': [18, 0],
  'test/faults/check.spec.ts': [10, 5],
  'test/faults/restore-kill.spec.ts': [9, 12],
  'test/faults/upgrade.spec.ts': [11, 11],
  'test/faults/crossings.spec.ts': [9, 9],
  'test/faults/migrate-to-postgres-whole.spec.ts': [0, 14],
  'test/faults/terminal.spec.ts': [13, 0],
  'test/faults/secrets.spec.ts': [9, 7],
  'test/e2e/unread-answers.spec.ts': [10, 0],
  'test/faults/vault-corpus.spec.ts': [11, 0],
  'test/e2e/config-start.spec.ts': [11, 0],
  'test/faults/sync-kill.spec.ts': [10, 11],
  'test/e2e/sources.spec.ts': [8, 11],
  'test/faults/purge-kill.spec.ts': [7, 11],
  'test/faults/push-kill.spec.ts': [10, 10],
  'test/faults/webhook-kill.spec.ts': [10, 6],
};

/**
 * Without a record a file is as long as its text suggests; PostgreSQL takes longer for the same tests, and a browser
 * the longest.
 */
const SECONDS_PER_BYTE = {
  browser: 0.003,
  postgres: 0.0008,
  sqlite: 0.0006,
  architecture: 0.0004,
  unit: 0.0001,
};

function secondsOf({ path, context: { config } }) {
  const project = config.displayName?.name;
  const record = LONG[relative(config.rootDir, path).split(sep).join('/')];
  const known = record?.[project === 'postgres' ? 1 : 0];
  if (known !== undefined) return known;
  const guess = statSync(path).size * (SECONDS_PER_BYTE[project] ?? 0.001);
  return project === 'browser' ? guess : Math.min(9, guess);
}

/** Starts the spec files that take longest first, so that no worker is left with one of them at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const seconds = new Map(tests.map((test) => [test, secondsOf(test)]));
    return [...tests].sort((a, b) => seconds.get(b) - seconds.get(a));
  }
};
