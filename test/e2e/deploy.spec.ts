import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { parseStoreUrl } from '../../src/platform/objects/store-url';
import { startApp } from '../support/app';
import { databaseKind } from '../support/database';
import { namesOf } from '../support/metrics';
import { hasProgram } from '../support/programs';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PROMETHEUS = join(ROOT, 'deploy', 'prometheus');

/** What a histogram's samples are called. */
const SUFFIXES = ['_bucket', '_count', '_sum'];
const metricsIn = (text: string) =>
  [...new Set(text.match(/\b(?:graphomat|nodejs|process)_[a-z0-9_]+/g) ?? [])].sort();

it('uses only metrics that the service has, in alerts, dashboard and documents', async () => {
  const app = await startApp();
  try {
    const user = await app.aUser();
    await user.post('/api/v1/graphs', { title: 'A graph' });
    await user.get('/api/v1/graphs/none');
    const { text } = await app.anonymous.get('/metrics');
    const known = new Set(
      namesOf(text).flatMap((name) => [name, ...SUFFIXES.map((suffix) => name + suffix)]),
    );
    const files = [
      'deploy/prometheus/alerts.yml',
      'deploy/prometheus/alerts.test.yml',
      'deploy/grafana/graphomat-backup.json',
      'docs/runbook.md',
      'docs/operations.md',
      'docs/metrics.md',
      'docs/architecture.md',
      'README.md',
    ];
    for (const file of files)
      expect([file, metricsIn(read(file)).filter((name) => !known.has(name))]).toEqual([file, []]);
  } finally {
    await app.close();
  }
});

it('has an entry in the runbook for each alert, and no entry for none', () => {
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name,
  );
  const entries = [...read('docs/runbook.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(alerts.length).toBeGreaterThan(8);
  expect(entries).toEqual(alerts);
});

it('tests each alert', () => {
  const tests = read('deploy/prometheus/alerts.test.yml');
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name!,
  );
  for (const alert of alerts) expect(tests).toContain(`alertname: ${alert}`);
});

const withPromtool = hasProgram('promtool') && databaseKind === 'sqlite' ? it : it.skip;
withPromtool('has rules that Prometheus takes and that fire when they should (needs promtool)', () => {
  const run = (...args: string[]) => execFileSync('promtool', args, { cwd: PROMETHEUS, encoding: 'utf8' });
  expect(run('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
  expect(run('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
});

/** What is asked of docker-compose.yml here. */
interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}
interface ComposeService {
  image: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const { services, volumes } = load(text, { schema: YAML11_SCHEMA }) as Compose;
  const used = new Set([...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name!));
  const example = [...read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!);

  it('confines each service, looks after its health, and waits for it where another one needs it', () => {
    for (const [name, service] of Object.entries(services))
      expect({ name, ...service }).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
        healthcheck: { test: expect.arrayContaining(['CMD']) as string[] },
      });
    const waits = Object.values(services).flatMap(({ depends_on: needs }) => Object.entries(needs ?? {}));
    expect(waits.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waits)
      expect([Object.keys(services).includes(name), condition]).toEqual([true, 'service_healthy']);
  });

  it('checks health by commands without spaces in their words, at which Podman would split them', () => {
    for (const [name, { healthcheck }] of Object.entries(services))
      expect([name, healthcheck?.test.filter((word) => /\s/.test(word))]).toEqual([name, []]);
    const ready = ['node', 'scripts/ready.mjs'];
    expect(services['service-1']!.healthcheck!.test).toEqual(['CMD', ...ready]);
    expect(read('Dockerfile')).toContain(`CMD ${JSON.stringify(ready).replace(',', ', ')}`);
    expect(read('.dockerignore')).toContain(`\n!${ready[1]}\n`);
  });

  it('names the version of each foreign image', () => {
    const images = Object.values(services).map(({ image }) => image);
    expect(images.filter((image) => !/:v?\d[\w.-]*$/.test(image))).toEqual([
      'graphomat-backup',
      'graphomat-backup',
    ]);
  });

  it('keeps what must last in named volumes, and mounts configuration that is there', () => {
    for (const [name, { volumes: mounts = [] }] of Object.entries(services))
      for (const mount of mounts) {
        const [from, , mode] = mount.split(':') as [string, string, string | undefined];
        const there = from.startsWith('./') ? existsSync(join(ROOT, from)) && mode === 'ro' : from in volumes;
        expect([name, mount, there]).toEqual([name, mount, true]);
      }
    expect(services['proxy']!.volumes).toContain('./deploy/caddy/Caddyfile:/etc/caddy/Caddyfile:ro');
  });

  it('takes nothing from .env that .env.example does not describe, and passes on all that it does', () => {
    expect([...used].filter((name) => !example.includes(name))).toEqual([]);
    // These are settled by the containers themselves.
    const settled = ['HOST', 'DATA_DIR', 'DATABASE_URL', 'LOG_FORMAT'];
    expect(example.filter((name) => !used.has(name)).sort()).toEqual([...settled].sort());
  });

  it('lets the proxy ask the replicas that there are, and the replicas the store that there is', () => {
    const replicas = Object.keys(services).filter((name) => name.startsWith('service-'));
    const addresses = replicas.map((name) => `${name}:3000`).join(' ');
    expect(services['proxy']!.environment!['UPSTREAMS']).toBe(`\${UPSTREAMS:-${addresses}}`);
    expect(read('deploy/caddy/Caddyfile')).toContain(`{$UPSTREAMS:${addresses}}`);
    const url = /\$\{BACKUP_STORE_URL:-(.*)\}/.exec(
      services['service-1']!.environment!['BACKUP_STORE_URL']!,
    )![1]!;
    expect(parseStoreUrl(url)).toEqual({
      kind: 's3',
      bucket: services['store']!.environment!['GARAGE_DEFAULT_BUCKET'],
      prefix: 'vault',
      endpoint: 'http://store:3900',
      region: /s3_region = "(.*)"/.exec(read('deploy/garage/garage.toml'))![1],
      pathStyle: true,
    });
    expect(read('deploy/garage/garage.toml')).toMatch(/^api_bind_addr = "\[::\]:3900"$/m);
  });
});

const withCompose = hasProgram('docker-compose') && databaseKind === 'sqlite' ? it : it.skip;
withCompose('is a file that docker-compose takes, and not without its secrets (needs docker-compose)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-test-compose-'));
  const secrets = [...new Set(read('docker-compose.yml').match(/\$\{[A-Z_]+(?=:\?)/g))].map((name) =>
    name.slice(2),
  );
  const config = (names: string[]) => {
    const file = join(folder, 'env');
    writeFileSync(file, names.map((name) => `${name}=a\n`).join(''));
    const args = ['--env-file', file, '--file', 'docker-compose.yml', 'config'];
    const env = { PATH: process.env['PATH'] };
    return spawnSync('docker-compose', args, { cwd: ROOT, env, encoding: 'utf8' });
  };
  try {
    expect(config(secrets)).toMatchObject({ status: 0 });
    for (const missing of secrets) {
      const refused = config(secrets.filter((name) => name !== missing));
      expect([missing, refused.status]).toEqual([missing, 1]);
      expect(refused.stderr).toContain('put it into .env');
    }
    expect(secrets.length).toBe(6);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const withCaddy = hasProgram('caddy') && databaseKind === 'sqlite' ? it : it.skip;
withCaddy('has a configuration that Caddy takes (needs caddy)', () => {
  const args = ['validate', '--adapter', 'caddyfile', '--config', join(ROOT, 'deploy', 'caddy', 'Caddyfile')];
  expect(execFileSync('caddy', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toContain(
    'Valid',
  );
});

it('has a dashboard with a panel for what matters, each with a query', () => {
  const { panels } = JSON.parse(read('deploy/grafana/graphomat-backup.json')) as {
    panels: Array<{ type: string; title: string; targets?: Array<{ expr: string }> }>;
  };
  for (const panel of panels.filter(({ type }) => type !== 'row'))
    expect([panel.title, panel.targets?.every(({ expr }) => expr.length > 0)]).toEqual([panel.title, true]);
  expect(panels.filter(({ type }) => type !== 'row').length).toBeGreaterThan(10);
});
