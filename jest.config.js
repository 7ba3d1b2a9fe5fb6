const { useMemoryFolder } = require('./test/jest/memory-folder.cjs');

useMemoryFolder();

/** @type {import('jest').Config} */
const common = {
  rootDir: __dirname,
  // Spec files run outside Jest's module registry: docs/decisions/0040-tests-load-the-service-once.md.
  runtime: '<rootDir>/test/jest/runtime.cjs',
  testEnvironment: '<rootDir>/test/jest/environment.cjs',
  transform: {},
  // Outside the temporary folder, so that it lasts.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  restoreMocks: true,
};

/**
 * The sqlite project runs the same code of these line for line: they send no statement to a database, or, as a record of
 * all statements and transactions showed, only such as other spec files send to PostgreSQL too. The reason of each:
 * docs/decisions/0066-what-both-databases-run.md. Files of which only some tests run there use `itOnSqlite`.
 */
const WITHOUT_POSTGRES = [
  '<rootDir>/test/contracts/connector-noise.spec.ts',
  '<rootDir>/test/contracts/connector-push.spec.ts',
  '<rootDir>/test/contracts/connector.spec.ts',
  '<rootDir>/test/contracts/http-lists.spec.ts',
  '<rootDir>/test/contracts/n8n.spec.ts',
  '<rootDir>/test/contracts/object-store.spec.ts',
  '<rootDir>/test/e2e/auth-settings.spec.ts',
  '<rootDir>/test/e2e/bad-input.spec.ts',
  '<rootDir>/test/e2e/bodies.spec.ts',
  '<rootDir>/test/e2e/browser-safety.spec.ts',
  '<rootDir>/test/e2e/bytes.spec.ts',
  '<rootDir>/test/e2e/config-start.spec.ts',
  '<rootDir>/test/e2e/deploy.spec.ts',
  '<rootDir>/test/e2e/diff.spec.ts',
  '<rootDir>/test/e2e/heavy-reads.spec.ts',
  '<rootDir>/test/e2e/open-format.spec.ts',
  '<rootDir>/test/e2e/openapi.spec.ts',
  '<rootDir>/test/e2e/poison.spec.ts',
  '<rootDir>/test/e2e/preview-cost.spec.ts',
  '<rootDir>/test/e2e/recipes.spec.ts',
  '<rootDir>/test/e2e/routes.spec.ts',
  '<rootDir>/test/e2e/session-cookies.spec.ts',
  '<rootDir>/test/e2e/source-failures.spec.ts',
  '<rootDir>/test/e2e/source-import.spec.ts',
  '<rootDir>/test/e2e/unread-answers.spec.ts',
  '<rootDir>/test/faults/vault-corpus.spec.ts',
  '<rootDir>/test/faults/workers.spec.ts',
];

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts'],
    },
    { ...common, displayName: 'architecture', testMatch: ['<rootDir>/test/architecture/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'sqlite',
      testMatch: ['<rootDir>/test/{e2e,contracts,faults}/**/*.spec.ts'],
      globals: { DATABASE_KIND: 'sqlite' },
    },
    {
      ...common,
      displayName: 'postgres',
      testMatch: ['<rootDir>/test/{e2e,contracts,faults}/**/*.spec.ts'],
      testPathIgnorePatterns: WITHOUT_POSTGRES,
      globals: { DATABASE_KIND: 'postgres' },
      globalSetup: '<rootDir>/test/support/postgres-server.mjs',
      globalTeardown: '<rootDir>/test/support/postgres-server-stop.mjs',
    },
    {
      // The console in a real Chromium, from a real service on SQLite. Needs `npm run build`.
      ...common,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.spec.ts'],
      globals: { DATABASE_KIND: 'sqlite' },
      globalSetup: '<rootDir>/test/browser/setup.mjs',
    },
  ],
  testSequencer: '<rootDir>/test/jest/sequencer.cjs',
  // More than any test needs on a machine with five times the work: a test that hangs fails by its own `until`.
  testTimeout: 300_000,
  workerIdleMemoryLimit: '1GB',
};
