/**
 * The fences of src/ and console/: who may import whom, each rule with its reason in `comment`. Checked by
 * test/architecture/boundaries.spec.ts, which also plants a violation of each rule and sees it caught.
 *
 * Spec files are next to the code they test and are not built, so the fences do not apply to them.
 */

const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { join, posix } = require('node:path');

/** The features, each with the features it may build on. Everything may build on the platform. */
const BUILDS_ON = {
  console: [],
  monitoring: [
    'notifications',
    'sources',
    'archives',
    'retention',
    'diff',
    'recovery',
    'graphs',
    'backups',
    'versions',
    'usage',
    'auth',
    'audit',
  ],
  notifications: ['sources', 'retention', 'diff', 'graphs', 'backups', 'versions', 'usage', 'auth', 'audit'],
  archives: ['retention', 'graphs', 'backups', 'versions', 'usage', 'auth', 'audit'],
  sources: ['graphs', 'versions', 'usage', 'audit'],
  retention: ['graphs', 'backups', 'versions', 'usage', 'audit'],
  diff: ['graphs', 'backups', 'versions', 'usage', 'audit'],
  recovery: ['graphs', 'backups', 'versions', 'usage', 'audit'],
  graphs: ['backups', 'versions', 'usage', 'audit'],
  backups: ['versions', 'usage', 'audit'],
  versions: ['usage', 'audit'],
  usage: ['audit'],
  auth: ['audit'],
  audit: [],
  platform: [],
};
const FEATURES = Object.keys(BUILDS_ON).filter((name) => name !== 'platform');
const ANY_FEATURE = `(${FEATURES.join('|')})`;

const SPEC = '\\.spec\\.ts$';
/** The composition root: main.ts and the other files next to it, and the command line tools. */
const ROOT = '^src/([^/]+\\.ts$|cli/)';
const HTTP = `^src/${ANY_FEATURE}(/|/.+/)http/`;
const DOMAIN = '^src/.+/domain/';
const anyPackage = (...names) => `(^|/)node_modules/(${names.join('|')})/`;
const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

/** Where the tree that is checked has its sources: the working directory, which in the test is a planted tree. */
const SRC = join(process.cwd(), 'src');

/** The files of the providers that a feature's modules export. */
function exportedFiles(feature) {
  const folder = join(SRC, feature);
  if (!existsSync(folder)) return [];
  const modules = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.module.ts'));
  return modules.flatMap((file) => exportsOf(join(folder, file), posix.join('src', feature, file)));
}

function exportsOf(file, path) {
  const text = readFileSync(file, 'utf8');
  const names = new Set(/exports: \[([^\]]*)\]/.exec(text)?.[1].match(/\w+/g) ?? []);
  const imports = text.matchAll(/import \{([^}]*)\} from '(\.\.?\/[^']+)'/g);
  return [...imports]
    .filter(([, imported]) => imported.match(/\w+/g).some((name) => names.has(name)))
    .map(([, , imported]) => posix.join(posix.dirname(path), `${imported}.ts`));
}
const escaped = (path) => `^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;

/** What other features may import of each feature: its module, the providers that it exports, event decorators, pure rules. */
const DOORS = [
  '\\.module\\.ts$',
  '\\.decorator\\.ts$',
  ...FEATURES.flatMap((feature) => exportedFiles(feature).map(escaped)),
  `^src/${ANY_FEATURE}(/|/.+/)domain/`,
];

/** One rule for each feature that has something above it. */
const orderRules = Object.entries(BUILDS_ON).flatMap(([name, lower]) => {
  const forbidden = FEATURES.filter((other) => other !== name && !lower.includes(other));
  if (forbidden.length === 0) return [];
  return {
    name: `order-${name}`,
    severity: 'error',
    comment:
      name === 'platform'
        ? 'The platform knows no feature. All features build on it, and each can be removed without a change in it.'
        : `The order from top to bottom is console; monitoring; notifications; sources, archives; retention, diff, recovery; graphs; backups; versions; usage; auth; audit; platform. If a lower module imported a higher one, it could not be understood, tested or changed without it. ${name} may build on: ${[...lower, 'platform'].join(', ')}.`,
    from: { path: `^src/${name}/`, pathNot: SPEC },
    to: { path: `^src/(${forbidden.join('|')})/` },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...orderRules,
    {
      name: 'doors-of-a-feature',
      severity: 'error',
      comment:
        'A feature uses another one through what its Nest module exports, and through pure rules and row types in domain/. The rest of a feature may be rewritten at any time.',
      from: { path: `^src/${ANY_FEATURE}/`, pathNot: SPEC },
      to: {
        path: `^src/${ANY_FEATURE}/`,
        pathNot: ['^src/$1/', ...DOORS],
      },
    },
    {
      name: 'http-is-a-leaf',
      severity: 'error',
      comment:
        "Controllers and DTOs are the outermost layer: only the feature's module, which registers them, imports them, so that no business rule depends on the form of a request. The composition root may import them: openapi.ts describes the two forms of sign-in.",
      from: { path: '^src/', pathNot: [ROOT, HTTP, '\\.module\\.ts$', SPEC] },
      to: { path: HTTP },
    },
    {
      name: 'http-sees-no-store',
      severity: 'error',
      comment:
        'A controller calls use cases. With a store, it could read or write rows without the rules and without the check of the owner.',
      from: { path: HTTP, pathNot: SPEC },
      to: { path: '\\.store\\.ts$' },
    },
    {
      name: 'domain-takes-no-packages',
      severity: 'error',
      comment:
        'Rules are pure: no Nest, no I/O, nothing that can be slow or fail. Hashing (node:crypto) is pure; entities describe tables with typeorm.',
      from: { path: DOMAIN, pathNot: ['\\.entity\\.ts$', SPEC] },
      to: { dependencyTypes: [...NPM, 'core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'entities-take-only-typeorm',
      severity: 'error',
      comment: 'An entity describes a row. It needs typeorm and nothing else.',
      from: { path: '\\.entity\\.ts$' },
      to: { dependencyTypes: [...NPM, 'core'], pathNot: anyPackage('typeorm') },
    },
    {
      name: 'domain-stays-inside',
      severity: 'error',
      comment:
        'Rules use other rules, never services, stores or the clock (the current time is an argument), so that a test needs only values. From the platform they may use what is pure: ids, formatted times, roles, limits of policies, the column builders. Compression and encryption are pure functions of bytes.',
      from: { path: DOMAIN, pathNot: SPEC },
      to: {
        path: '^src/',
        pathNot: [
          DOMAIN,
          '^src/platform/(ids/|text/|hardening/own-member\\.ts$|compression/zstd\\.ts$|crypto/sealed-box\\.ts$|clock/instant\\.ts$|config/policy-limits\\.ts$|access/permission\\.ts$|database/columns\\.ts$)',
        ],
      },
    },
    {
      name: 'typeorm-values',
      severity: 'error',
      comment:
        'All SQL is in stores and in platform/database; types of typeorm may be used anywhere, because services pass `em` on. Other files cannot run a query.',
      from: {
        path: '^src/',
        pathNot: [
          '\\.(store|entity)\\.ts$',
          '^src/platform/database/',
          '^src/migrations/',
          '^src/entities\\.ts$',
          SPEC,
        ],
      },
      to: { path: anyPackage('typeorm'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'database-drivers',
      severity: 'error',
      comment:
        'Two databases are possible only if no code outside platform/database knows which one is used. A driver elsewhere would also bypass UnitOfWork.',
      from: { path: '^src/', pathNot: ['^src/platform/database/', SPEC] },
      to: { path: anyPackage('pg', 'better-sqlite3', '@types/pg', '@types/better-sqlite3') },
    },
    {
      name: 'zstd-in-one-file',
      severity: 'error',
      comment:
        'Several bindings are possible, and frames are plain zstd. Behind one file, the binding can be replaced without a change of code or data.',
      from: { path: '^src/', pathNot: '^src/platform/compression/zstd\\.ts$' },
      to: { path: anyPackage('zstd-napi') },
    },
    {
      name: 'workers-stay-light',
      severity: 'error',
      comment:
        'Each worker thread loads everything that it imports: pure code and its packages, not the framework, the database or the settings.',
      from: { path: '\\.worker\\.ts$' },
      to: {
        path: [
          '^src/platform/(?!workers/|hardening/|compression/|text/|ids/|clock/instant[.]|config/policy-limits[.]|http/json-(scan|scan-errors|encoding|string|text)[.])',
          anyPackage('@nestjs/[^/]+', 'typeorm', 'fastify', 'pino'),
        ],
        reachable: true,
      },
    },
    {
      name: 'root-is-a-leaf',
      severity: 'error',
      comment:
        'main.ts, app.module.ts, entities.ts and the tools in cli/ put everything together, so nothing may import them.',
      from: { path: '^src/', pathNot: [ROOT, SPEC] },
      to: { path: ROOT },
    },
    {
      name: 'migrations-are-frozen',
      severity: 'error',
      comment:
        'A migration that imports code changes its meaning when that code changes; databases that ran it before and databases that run it later would differ.',
      from: { path: '^src/migrations/' },
      to: { path: '^src/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'Two files that import each other are one file, or hide a third one. Types count too, because a reader has to follow them.',
      from: { path: '^src/', pathNot: SPEC },
      to: { circular: true },
    },
    {
      name: 'no-barrels',
      severity: 'error',
      comment:
        'With an index.ts, an import of one thing imports everything. It hides who uses what, and causes cycles.',
      from: { path: '^src/' },
      to: { path: '(^|/)index\\.[cm]?[jt]s$', pathNot: 'node_modules' },
    },
    {
      name: 'no-tests-in-src',
      severity: 'error',
      comment: 'Code that is built and shipped must not import code that is not.',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: ['^(test|scripts)/', SPEC] },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'An installation without devDependencies must start: every package in src is a dependency.',
      from: { path: '^src/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'No rule applies to an import that is not found.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'web-console-apart',
      severity: 'error',
      comment:
        'The console in the browser and the service share nothing but the HTTP API, so that any other client can do what the console does.',
      from: { path: '^(src|console)/' },
      to: { path: '^(src|console)/', pathNot: '^$1/' },
    },
    {
      name: 'web-screens-apart',
      severity: 'error',
      comment:
        'A screen is loaded when it is opened. One that imports another one loads both; what two screens need is in parts/.',
      from: { path: '^console/src/screens/([^/]+)/' },
      to: { path: '^console/src/screens/', pathNot: '^console/src/screens/$1/' },
    },
    {
      name: 'web-order',
      severity: 'error',
      comment:
        'The order from top to bottom is main, screens, parts, api. Parts know no screen, the API client no part.',
      from: { path: '^console/src/(parts|api)/' },
      to: { path: ['^console/src/screens/', '^console/src/[^/]+$'] },
    },
    {
      name: 'web-api-alone',
      severity: 'error',
      comment: 'The client of the API works without a page, so that its rules can be tested with values.',
      from: { path: '^console/src/api/' },
      to: { path: '^console/src/(parts|styles)/' },
    },
    {
      name: 'web-no-cycles',
      severity: 'error',
      comment: 'As in the service.',
      from: { path: '^console/src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'web-resolvable',
      severity: 'error',
      comment: 'No rule applies to an import that is not found.',
      from: { path: '^console/src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
