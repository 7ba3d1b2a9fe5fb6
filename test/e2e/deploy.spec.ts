import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp } from '../support/app';
import { databaseKind } from '../support/database';
import { namesOf } from '../support/metrics';
import { hasProgram } from '../support/prometheus';

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

it('has a dashboard with a panel for what matters, each with a query', () => {
  const { panels } = JSON.parse(read('deploy/grafana/graphomat-backup.json')) as {
    panels: Array<{ type: string; title: string; targets?: Array<{ expr: string }> }>;
  };
  for (const panel of panels.filter(({ type }) => type !== 'row'))
    expect([panel.title, panel.targets?.every(({ expr }) => expr.length > 0)]).toEqual([panel.title, true]);
  expect(panels.filter(({ type }) => type !== 'row').length).toBeGreaterThan(10);
});
