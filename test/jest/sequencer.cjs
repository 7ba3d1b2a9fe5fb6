const { default: Sequencer } = require('@jest/test-sequencer');
const { statSync } = require('node:fs');
const { relative, sep } = require('node:path');

/**
 * Seconds of the spec files that take long, by project, as `npm run ci` prints them: [sqlite, postgres]. What is not
 * here takes less than ten seconds. A figure only decides when a file starts, so a rough one is enough.
 */
const LONG = {
  'test/faults/rotation-kill.spec.ts': [18, 36],
  'test/faults/one-chain.spec.ts': [0, 35],
  'test/faults/vault-kill.spec.ts': [32, 30],
  'test/faults/migrate-to-postgres-kill.spec.ts': [0, 25],
  'test/faults/vault-rebuild.spec.ts': [18, 22],
  'test/faults/check.spec.ts': [16, 20],
  'test/faults/secrets.spec.ts': [14, 18],
  'test/e2e/fuzz.spec.ts': [14, 16],
  'test/faults/ninety-days.spec.ts': [20, 40],
  'test/faults/postgres.spec.ts': [0, 35],
  'test/faults/kill.spec.ts': [22, 26],
  'test/faults/graph-restore.spec.ts': [16, 22],
  'test/faults/retention-kill.spec.ts': [16, 18],
  'test/faults/move-kill.spec.ts': [0, 20],
  'test/faults/crossings.spec.ts': [10, 14],
  'test/faults/keys-copies.spec.ts': [12, 18],
  'test/faults/start-stop.spec.ts': [16, 16],
  'test/faults/seals.spec.ts': [8, 18],
  'test/faults/upgrade.spec.ts': [15, 17],
  'test/faults/sync-kill.spec.ts': [14, 16],
  'test/faults/push-kill.spec.ts': [12, 14],
  'test/faults/restore-kill.spec.ts': [12, 16],
  'test/faults/lost-database.spec.ts': [10, 16],
  'test/e2e/retention.spec.ts': [12, 20],
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
