import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { openKeys } from './scripts/lint/open-keys.mjs';

const TIME = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time comes from Clock (src/platform/clock), so that tests can move it.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time comes from Clock (src/platform/clock), so that tests can move it.',
  },
];
const ENVIRONMENT = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Settings come from AppConfig (src/platform/config).',
  },
];
const CYCLES = [
  {
    selector: "Identifier[name='forwardRef']",
    message: 'Modules do not need one another in a circle here; move what both need.',
  },
];

// The service and all packages are loaded once for all spec files of a worker (docs/decisions/0040-tests-load-the-service-once.md).
const MOCKS = [
  {
    selector:
      "CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|doMock|setMock|unstable_mockModule|isolateModules|isolateModulesAsync|resetModules|useFakeTimers)$/]",
    message:
      'Spec files share the modules and the timers of the process: use jest.spyOn on an object, or pass the part in.',
  },
];

/** Bans, with the homes in which each is lifted. Exported for the test that proves they bite. */
export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...TIME, ...ENVIRONMENT, ...CYCLES, ...MOCKS],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    plugins: { own: { rules: { 'open-keys': openKeys } } },
    rules: { 'own/open-keys': 'error' },
  },
  {
    files: ['src/platform/clock/**'],
    rules: { 'no-restricted-syntax': ['error', ...ENVIRONMENT, ...CYCLES, ...MOCKS] },
  },
  {
    files: ['src/platform/config/**'],
    rules: { 'no-restricted-syntax': ['error', ...TIME, ...CYCLES, ...MOCKS] },
  },
  {
    // Tests and tools start the service with an environment of their own; tools talk to a terminal.
    files: ['test/**', 'scripts/**'],
    rules: {
      'no-restricted-syntax': ['error', ...TIME, ...CYCLES, ...MOCKS],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        globalThis: 'readonly',
        module: 'writable',
        require: 'readonly',
        exports: 'readonly',
        __dirname: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
  prettier,
);
