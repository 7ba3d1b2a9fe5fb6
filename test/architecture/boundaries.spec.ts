import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const RULES = join(ROOT, '.dependency-cruiser.cjs');
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

/** What dependency-cruiser found: per file that imports, the names of the rules it breaks. */
interface Findings {
  rules: string[];
  violations: string[];
  byFile: Map<string, string[]>;
  modules: number;
}

interface CruiseReport {
  summary: {
    totalCruised: number;
    ruleSetUsed: { forbidden: Array<{ name: string; comment?: string; severity: string }> };
    violations: Array<{ from: string; to: string; rule: { name: string } }>;
  };
}

/** Checks `src` and `console` of a folder against the rules. The program is an ES module, so it runs as a process of its own. */
function cruise(folder: string): Findings {
  const parts = ['src', 'console/src'].filter((part) => existsSync(join(folder, part)));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [CRUISER, '--config', RULES, '--output-type', 'json', ...parts],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${stderr || stdout}`);
  const { summary } = JSON.parse(stdout) as CruiseReport;
  const byFile = new Map<string, string[]>();
  for (const { from, rule } of summary.violations) {
    byFile.set(from, [...new Set([...(byFile.get(from) ?? []), rule.name])].sort());
  }
  return {
    rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
    violations: summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`),
    byFile,
    modules: summary.totalCruised,
  };
}

describe('src and console', () => {
  it('keeps within its fences', () => {
    const { violations, modules } = cruise(ROOT);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(50);
  });
});

/** Files that break no rule: the targets of the others, and what the rules must let pass. */
const INNOCENT: Readonly<Record<string, string>> = {
  'src/platform/ids/uuid.ts': `import { randomBytes } from 'node:crypto'; export const id = randomBytes;`,
  'src/platform/clock/clock.ts': `import { Injectable } from '@nestjs/common'; export const clock = Injectable;`,
  'src/platform/database/columns.ts': `import type { EntitySchema } from 'typeorm'; export type Column = EntitySchema;`,
  'src/platform/database/unit-of-work.ts': `import { DataSource } from 'typeorm'; import Sqlite from 'better-sqlite3'; export const open = [DataSource, Sqlite];`,
  'src/audit/journal.store.ts': `export const store = 1;`,
  'src/audit/journal.service.ts': `export { store } from './journal.store';`,
  'src/auth/accounts.service.ts': `export { store } from '../audit/journal.service';`,
  'src/platform/compression/zstd.ts': `import { CCtx } from 'zstd-napi/binding'; export const compress = CCtx;`,
  'src/usage/usage.service.ts': `export { store } from '../audit/journal.service';`,
  'src/versions/versions.service.ts': `export { store } from '../audit/journal.service';`,
  'src/versions/domain/codec.ts': `import { createHash } from 'node:crypto'; import { compress } from '../../platform/compression/zstd'; export const codec = [createHash, compress];`,
  'src/versions/codec.worker.ts': `export * from './domain/codec';`,
  'src/backups/backups.service.ts': `import { codec } from '../versions/domain/codec'; export const backups = codec;`,
  'src/diff/diff.service.ts': `export { service } from '../graphs/graphs.service';`,
  'src/recovery/recovery.service.ts': `export { service } from '../graphs/graphs.service';`,
  'src/graphs/domain/graph.ts': `import { id } from '../../platform/ids/uuid'; export const graph = id;`,
  'src/graphs/domain/graph.entity.ts': `import { EntitySchema } from 'typeorm'; import type { Column } from '../../platform/database/columns'; export const schema = (_: Column) => EntitySchema;`,
  'src/graphs/graphs.store.ts': `import { EntityManager } from 'typeorm'; export const store = EntityManager;`,
  'src/graphs/graphs.service.ts': `import type { EntityManager } from 'typeorm'; import { type DataSource } from 'typeorm'; import { store } from './graphs.store'; import { clock } from '../platform/clock/clock'; export const service = (_: EntityManager, __: DataSource) => [store, clock];`,
  'src/graphs/http/graph.dto.ts': `export const dto = 1;`,
  'src/graphs/http/graphs.controller.ts': `import { service } from '../graphs.service'; import { dto } from './graph.dto'; export const controller = [service, dto];`,
  'src/graphs/graphs.module.ts': `import { controller } from './http/graphs.controller'; import { service } from './graphs.service'; export const module = { controller, exports: [service] };`,
  'src/graphs/upkeep/pruner.ts': `export const pruner = 1;`,
  'src/graphs/graphs.service.spec.ts': `import { service } from './graphs.service'; import { app } from '../../test/support/app'; import fc from 'fast-check'; export const spec = [service, app, fc];`,
  'src/retention/retention.service.ts': `export { service } from '../graphs/graphs.service';`,
  'src/archives/archives.service.ts': `export { service } from '../retention/retention.service';`,
  'src/sources/sources.service.ts': `export { service } from '../graphs/graphs.service';`,
  'src/notifications/notifications.service.ts': `export { service } from '../graphs/graphs.service';`,
  'src/monitoring/monitoring.service.ts': `import { service } from '../retention/retention.service'; import { store } from '../auth/accounts.service'; export const all = [service, store];`,
  'src/migrations/1-first.ts': `import { Table } from 'typeorm'; export const table = Table;`,
  'src/entities.ts': `import { EntitySchema } from 'typeorm'; import { schema } from './graphs/domain/graph.entity'; export const entities = [EntitySchema, schema];`,
  'src/openapi.ts': `export { dto } from './graphs/http/graph.dto';`,
  'src/main.ts': `import { module } from './graphs/graphs.module'; import { all } from './monitoring/monitoring.service'; export const main = [module, all];`,
  'src/cli/tool.ts': `import { entities } from '../entities'; export const tool = entities;`,
  'src/console/console.service.ts': `import { clock } from '../platform/clock/clock'; export const service = clock;`,
  'console/src/api/client.ts': `export const client = 1;`,
  'console/src/parts/time.tsx': `export { client } from '../api/client';`,
  'console/src/screens/graphs/graphs.tsx': `export { client } from '../../parts/time';`,
  'console/src/screens.ts': `export const load = () => import('./screens/graphs/graphs');`,
  'test/support/app.ts': `export const app = 1;`,
  'scripts/replay.ts': `export const replay = 1;`,
};

/** A rule, a file that breaks it, and the one line that does. */
type Plant = readonly [rule: string, file: string, text: string];

const SERVICES: Readonly<Record<string, string>> = {
  audit: 'audit/journal.service',
  auth: 'auth/accounts.service',
  usage: 'usage/usage.service',
  versions: 'versions/versions.service',
  backups: 'backups/backups.service',
  graphs: 'graphs/graphs.service',
  diff: 'diff/diff.service',
  recovery: 'recovery/recovery.service',
  retention: 'retention/retention.service',
  archives: 'archives/archives.service',
  sources: 'sources/sources.service',
  notifications: 'notifications/notifications.service',
  monitoring: 'monitoring/monitoring.service',
  console: 'console/console.service',
};

/** The features each one must not know, listed here a second time, so that a slip in the rules shows. */
const MUST_NOT_KNOW: Readonly<Record<string, readonly string[]>> = {
  platform: Object.keys(SERVICES),
  audit: Object.keys(SERVICES).filter((name) => name !== 'audit'),
  auth: [
    'usage',
    'versions',
    'backups',
    'graphs',
    'diff',
    'recovery',
    'retention',
    'archives',
    'sources',
    'notifications',
    'monitoring',
    'console',
  ],
  usage: [
    'auth',
    'versions',
    'backups',
    'graphs',
    'diff',
    'recovery',
    'retention',
    'archives',
    'sources',
    'notifications',
    'monitoring',
    'console',
  ],
  versions: [
    'auth',
    'backups',
    'graphs',
    'diff',
    'recovery',
    'retention',
    'archives',
    'sources',
    'notifications',
    'monitoring',
    'console',
  ],
  backups: [
    'auth',
    'graphs',
    'diff',
    'recovery',
    'retention',
    'archives',
    'sources',
    'notifications',
    'monitoring',
    'console',
  ],
  graphs: [
    'auth',
    'diff',
    'recovery',
    'retention',
    'archives',
    'sources',
    'notifications',
    'monitoring',
    'console',
  ],
  diff: ['auth', 'recovery', 'retention', 'archives', 'sources', 'notifications', 'monitoring', 'console'],
  recovery: ['auth', 'diff', 'retention', 'archives', 'sources', 'notifications', 'monitoring', 'console'],
  retention: ['auth', 'diff', 'recovery', 'archives', 'sources', 'notifications', 'monitoring', 'console'],
  archives: ['diff', 'recovery', 'sources', 'notifications', 'monitoring', 'console'],
  monitoring: ['console'],
  console: Object.keys(SERVICES).filter((name) => name !== 'console'),
  sources: [
    'auth',
    'backups',
    'diff',
    'recovery',
    'retention',
    'archives',
    'notifications',
    'monitoring',
    'console',
  ],
  notifications: ['recovery', 'archives', 'monitoring', 'console'],
};

const PLANTS: readonly Plant[] = [
  ...Object.entries(MUST_NOT_KNOW).flatMap(([lower, others]) =>
    others.map((other): Plant => [
      `order-${lower}`,
      `src/${lower}/knows-${other}.ts`,
      `import type * as other from '../${SERVICES[other]}'; export type Other = typeof other;`,
    ]),
  ),
  ['doors-of-a-feature', 'src/graphs/by-the-window.ts', `export { store } from '../audit/journal.store';`],
  ['doors-of-a-feature', 'src/backups/by-a-type.ts', `export type { store } from '../audit/journal.store';`],
  [
    'doors-of-a-feature',
    'src/retention/not-exported.service.ts',
    `export { pruner } from '../graphs/upkeep/pruner';`,
  ],
  ['http-is-a-leaf', 'src/graphs/spelled.service.ts', `export { dto } from './http/graph.dto';`],
  ['http-sees-no-store', 'src/graphs/http/rows.controller.ts', `export { store } from '../graphs.store';`],
  [
    'domain-takes-no-packages',
    'src/graphs/domain/reads-files.ts',
    `import { readFileSync } from 'node:fs'; export const read = readFileSync;`,
  ],
  [
    'domain-takes-no-packages',
    'src/graphs/domain/injected.ts',
    `import { Injectable } from '@nestjs/common'; export const injected = Injectable;`,
  ],
  [
    'entities-take-only-typeorm',
    'src/graphs/domain/decorated.entity.ts',
    `import { Injectable } from '@nestjs/common'; export const decorated = Injectable;`,
  ],
  ['domain-stays-inside', 'src/graphs/domain/serves.ts', `export { service } from '../graphs.service';`],
  [
    'domain-stays-inside',
    'src/graphs/domain/reads-the-clock.ts',
    `export { clock } from '../../platform/clock/clock';`,
  ],
  [
    'typeorm-values',
    'src/graphs/queries.service.ts',
    `import { DataSource } from 'typeorm'; export const queries = DataSource;`,
  ],
  [
    'typeorm-values',
    'src/graphs/half-a-type.service.ts',
    `import { DataSource, type EntityManager } from 'typeorm'; export const half = (_: EntityManager) => DataSource;`,
  ],
  [
    'database-drivers',
    'src/graphs/second-door.store.ts',
    `import Sqlite from 'better-sqlite3'; export const door = Sqlite;`,
  ],
  [
    'database-drivers',
    'src/audit/postgres-only.service.ts',
    `import type { Client } from 'pg'; export type C = Client;`,
  ],
  [
    'zstd-in-one-file',
    'src/versions/squeeze.ts',
    `import { CCtx } from 'zstd-napi'; export const squeeze = CCtx;`,
  ],
  [
    'workers-stay-light',
    'src/versions/heavy.worker.ts',
    `export { store } from './versions.service'; export { heavy } from './heavy';`,
  ],
  ['root-is-a-leaf', 'src/graphs/starts.service.ts', `export { main } from '../main';`],
  ['root-is-a-leaf', 'src/platform/tools.ts', `export { tool } from '../cli/tool';`],
  ['migrations-are-frozen', 'src/migrations/2-alive.ts', `export { id } from '../platform/ids/uuid';`],
  ['no-cycles', 'src/audit/egg.ts', `import type { Hen } from './hen'; export type Egg = Hen;`],
  ['no-barrels', 'src/audit/takes-all.ts', `export { store } from './barrel';`],
  ['no-tests-in-src', 'src/platform/supported.ts', `export { app } from '../../test/support/app';`],
  ['no-tests-in-src', 'src/platform/scripted.ts', `export { replay } from '../../scripts/replay';`],
  ['no-tests-in-src', 'src/graphs/specified.ts', `export { spec } from './graphs.service.spec';`],
  ['no-dev-dependencies', 'src/platform/checked.ts', `import fc from 'fast-check'; export const check = fc;`],
  [
    'web-console-apart',
    'console/src/parts/shares.ts',
    `export { id } from '../../../src/platform/ids/uuid';`,
  ],
  ['web-console-apart', 'src/platform/draws.ts', `export { client } from '../../console/src/api/client';`],
  ['web-screens-apart', 'console/src/screens/trash/both.tsx', `export { client } from '../graphs/graphs';`],
  ['web-order', 'console/src/parts/knows.tsx', `export { client } from '../screens/graphs/graphs';`],
  ['web-api-alone', 'console/src/api/draws.ts', `export { client } from '../parts/time';`],
  ['web-no-cycles', 'console/src/parts/egg.tsx', `import type { Hen } from './hen'; export type Egg = Hen;`],
  ['web-resolvable', 'console/src/parts/lost.ts', `export { nothing } from './nowhere';`],
  ['resolvable', 'src/platform/lost.ts', `export { nothing } from './nowhere';`],
];

/** Files that a planted one needs and that break no rule themselves. */
const HELPERS: Readonly<Record<string, string>> = {
  'console/src/parts/hen.tsx': `import type { Egg } from './egg'; export type Hen = Egg;`,
  'src/audit/hen.ts': `import type { Egg } from './egg'; export type Hen = Egg;`,
  'src/audit/barrel/index.ts': `export const store = 1;`,
  'src/versions/heavy.ts': `import { Injectable } from '@nestjs/common'; export const heavy = Injectable;`,
};

const PACKAGES = [
  ...['@nestjs/common', 'typeorm', 'better-sqlite3', 'pg'],
  ...['zstd-napi', 'zstd-napi/binding', 'fast-check'],
];

/** A module for each feature that has none yet; it exports the feature's service. */
const MODULES = Object.fromEntries(
  Object.entries(SERVICES).map(([feature, service]) => {
    const name = /(\w+)(?: \}| =)/.exec(INNOCENT[`src/${service}.ts`]!.split('export ').at(-1)!)![1]!;
    const path = `./${service.split('/')[1]}`;
    return [
      `src/${feature}/${feature}.module.ts`,
      `import { ${name} } from '${path}'; export const module = { exports: [${name}] };`,
    ];
  }),
);

function plantTree(folder: string): void {
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  };
  for (const [file, text] of Object.entries({ ...MODULES, ...INNOCENT, ...HELPERS })) write(file, text);
  for (const [, file, text] of PLANTS) write(file, text);
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0']));
  delete dependencies['fast-check'];
  write(
    'package.json',
    JSON.stringify({ name: 'planted', dependencies, devDependencies: { 'fast-check': '1.0.0' } }),
  );
  write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'commonjs' }, include: ['src'] }));
}

describe('the fences', () => {
  let folder: string;
  let findings: Findings;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'graphomat-fences-'));
    plantTree(folder);
    findings = cruise(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(PLANTS)('%s alone catches %s', (rule, file) => {
    expect(findings.byFile.get(file)).toEqual([rule]);
  });

  it('let pass what is allowed', () => {
    const planted = new Set(PLANTS.map(([, file]) => file));
    expect([...findings.byFile.keys()].filter((file) => !planted.has(file))).toEqual([]);
  });

  it('all have a planted violation', () => {
    expect([...new Set(PLANTS.map(([rule]) => rule))].sort()).toEqual([...findings.rules].sort());
  });
});
