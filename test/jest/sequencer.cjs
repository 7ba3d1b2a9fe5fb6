const { default: Sequencer } = require('@jest/test-sequencer');
const { statSync } = require('node:fs');
const { relative, sep } = require('node:path');

/**
 * Seconds of the spec files that take long, by project, as `npm run ci` prints them: [sqlite, postgres]. What is not
 * here takes less than ten seconds. A figure only decides when a file starts, so a rough one is enough.
 */
const LONG = {
  'test/faults/vault-kill.spec.ts': [80, 42],
  'test/faults/ninety-days.spec.ts': [58, 76],
  'test/faults/leases.spec.ts': [0, 69],
  'test/faults/one-chain.spec.ts': [0, 64],
  'test/faults/kill.spec.ts': [28, 37],
  'test/faults/graph-restore.spec.ts': [27, 33],
  'test/faults/postgres.spec.ts': [0, 27],
};

/** Without a record a file is as long as its text suggests; PostgreSQL takes longer for the same tests. */
const SECONDS_PER_BYTE = { postgres: 0.0008, sqlite: 0.0006, architecture: 0.0004, unit: 0.0001 };

function secondsOf({ path, context: { config } }) {
  const project = config.displayName?.name;
  const record = LONG[relative(config.rootDir, path).split(sep).join('/')];
  const known = record?.[project === 'postgres' ? 1 : 0];
  return known ?? Math.min(9, statSync(path).size * (SECONDS_PER_BYTE[project] ?? 0));
}

/** Starts the spec files that take longest first, so that no worker is left with one of them at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const seconds = new Map(tests.map((test) => [test, secondsOf(test)]));
    return [...tests].sort((a, b) => seconds.get(b) - seconds.get(a));
  }
};
