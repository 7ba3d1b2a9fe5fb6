import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

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

const FOLDERS = [
  {
    selector: 'CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name="recursive"]',
    message:
      'Node.js would try without end below a folder such as /proc: use makeFolder (src/platform/files/make-folder.ts).',
  },
];

const CONSTRUCTORS = [
  {
    selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>6]",
    message: 'A class with more than six dependencies does more than one thing: split it by responsibility.',
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

const CHANCE = [
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'A test by chance fails by chance: name each case, or use randomBytes for what is only content.',
  },
];

const MARKUP = [
  {
    selector:
      "JSXAttribute[name.name='dangerouslySetInnerHTML'], MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/], CallExpression[callee.object.name='document'][callee.property.name='write']",
    message:
      'Text from graphs would become markup. Draw elements, or use parts/picture for the pictures of the service.',
  },
];

const call = (name) => `CallExpression[callee.property.name='${name}']`;
/** Assertions that pass whatever happens. */
const EMPTY_ASSERTIONS = [
  {
    selector: `${call('toThrow')}[arguments.length=0]:not([callee.object.property.name='not'])`,
    message: 'Any error passes, also one of the test: name the class, the code or a part of the message.',
  },
  {
    selector: `${call('toBeGreaterThanOrEqual')}[arguments.0.value=0][callee.object.arguments.0.property.name=/^(length|size)$/]`,
    message: 'A count is never less than 0: say which number is expected.',
  },
  {
    selector:
      "CallExpression[callee.property.name=/^(toBeDefined|toBeTruthy)$/]:not([callee.object.property.name='not'])",
    message: 'Nearly everything passes: say which value is expected.',
  },
];

/** Bans, with the homes in which each is lifted. Exported for the test that proves they bite. */
export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', 'console/src/api/schema.ts'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    // As in tsconfig.json, which is not read: rules that know types are in .oxlintrc.json.
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        ...TIME,
        ...ENVIRONMENT,
        ...CYCLES,
        ...FOLDERS,
        ...CONSTRUCTORS,
        ...MOCKS,
        ...EMPTY_ASSERTIONS,
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'max-lines': ['error', 300] },
  },
  {
    files: ['src/platform/clock/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...ENVIRONMENT,
        ...CYCLES,
        ...FOLDERS,
        ...CONSTRUCTORS,
        ...MOCKS,
        ...EMPTY_ASSERTIONS,
      ],
    },
  },
  {
    files: ['src/platform/config/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...TIME,
        ...CYCLES,
        ...FOLDERS,
        ...CONSTRUCTORS,
        ...MOCKS,
        ...EMPTY_ASSERTIONS,
      ],
    },
  },
  {
    // Tests and tools start the service with an environment of their own; tools talk to a terminal.
    files: ['test/**', 'scripts/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...TIME,
        ...CYCLES,
        ...CONSTRUCTORS,
        ...MOCKS,
        ...EMPTY_ASSERTIONS,
        ...CHANCE,
      ],
      'no-console': 'off',
    },
  },
  {
    // Pages of the console: their time is the browser's, and names from graphs are text, never markup.
    files: ['console/**'],
    rules: { 'no-restricted-syntax': ['error', ...MARKUP] },
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
