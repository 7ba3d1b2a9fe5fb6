import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { apiTypes } from '../../scripts/api-types';
import { CONSOLE_SCREENS } from '../../src/console/console-page';
import { startApp, type TestApp } from '../support/app';
import { expectProblem } from '../support/problem';

const ROOT = join(__dirname, '..', '..');
const PUBLIC = join(ROOT, 'dist', 'console', 'public');
const FIRST_LOAD_MAX = 60 * 1024;
const ALL_MAX = 250 * 1024;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_V1_STR: '/backup/v1' });
});
afterAll(() => app.close());

describe('the page', () => {
  it('is answered at / and at the paths of its screens, and is asked for again each time', async () => {
    const paths = ['/', ...CONSOLE_SCREENS.flatMap((screen) => [`/${screen}`, `/${screen}/a/b?c=d`])];
    for (const path of paths) {
      const answer = await app.anonymous.get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
    }
  });

  it('takes nothing that another path should answer', async () => {
    for (const path of ['/nothing', '/graph', '/backup/v1/nothing', '/api/v1/graphs', '/assets/nothing.js'])
      expectProblem(await app.anonymous.get(path), 404, 'not-found');
    expectProblem(await app.anonymous.get('/backup/v1/graphs'), 401, 'not-signed-in');
    expect((await app.anonymous.get('/health/live')).headers.get('content-type')).toContain('json');
    for (const path of ['/docs', '/docs/openapi.json'])
      expect((await app.anonymous.get(path)).text).not.toContain('id="app"');
    expectProblem(await app.anonymous.post('/graphs', {}), 404, 'not-found');
  });

  it('has no script and no style of its own, and the policy allows none', async () => {
    const { text, headers } = await app.anonymous.get('/');
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:\/\//);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';style-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('knows the prefix of the API', async () => {
    expect((await app.anonymous.get('/')).text).toContain(
      '<meta name="graphomat-api" content="/backup/v1" />',
    );
  });
});

describe('the files of the build', () => {
  const files = readdirSync(join(PUBLIC, 'assets'));

  it('are kept by browsers for a year, and come compressed', async () => {
    const script = files.find((file) => file.endsWith('.js'))!;
    const answer = await app.anonymous.get(`/assets/${script}`, { 'accept-encoding': 'gzip' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('stay within the budget: 60 KiB of scripts for the first load, 250 KiB in all', () => {
    const size = (file: string) => gzipSync(readFileSync(join(PUBLIC, file)), { level: 9 }).length;
    const manifest = JSON.parse(readFileSync(join(PUBLIC, 'manifest.json'), 'utf8')) as Manifest;
    const first = new Set<string>();
    const follow = (name: string): void => {
      const { file, imports = [] } = manifest[name]!;
      if (first.has(file)) return;
      first.add(file);
      imports.forEach(follow);
    };
    for (const name of ['index.html', 'src/screens/sign-in/sign-in.tsx', 'src/screens/graphs/graphs.tsx'])
      follow(name);
    const total = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + size(name), 0);
    expect(total(first)).toBeLessThanOrEqual(FIRST_LOAD_MAX);
    const scripts = files.filter((file) => file.endsWith('.js')).map((file) => join('assets', file));
    expect(total(scripts)).toBeLessThanOrEqual(ALL_MAX);
  });
});

it('is switched off by CONSOLE=off', async () => {
  const off = await startApp({ CONSOLE: 'off' });
  try {
    for (const path of ['/', '/graphs', '/favicon.svg'])
      expectProblem(await off.anonymous.get(path), 404, 'not-found');
  } finally {
    await off.close();
  }
});

it('has a path in the service for each of its screens', () => {
  const source = readFileSync(join(ROOT, 'console', 'src', 'screens.ts'), 'utf8');
  const screens = [...source.matchAll(/screen\(\s*'\/([a-z-]+)/g)].map(([, name]) => name!);
  expect(screens.length).toBeGreaterThan(4);
  expect(screens.filter((name) => !CONSOLE_SCREENS.some((known) => known === name))).toEqual([]);
});

it('has the types of the API as the OpenAPI document describes it (else: npm run console:types)', async () => {
  const schema = readFileSync(join(ROOT, 'console', 'src', 'api', 'schema.ts'), 'utf8');
  expect(schema).toBe(await apiTypes());
});

type Manifest = Record<string, { file: string; imports?: string[] }>;
