import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './programs';

const DEPLOY = join(__dirname, '..', '..', 'deploy', 'prometheus');

/** An alert as Prometheus sees it now. */
export interface Alert {
  labels: Record<string, string>;
  state: 'pending' | 'firing';
}

interface Rule {
  name: string;
  health: string;
  lastError?: string;
}

/** A real Prometheus that scrapes a service each second, with the rules of deploy/. */
export interface Prometheus {
  /** The names of alerts that are firing now. */
  firing(): Promise<string[]>;
  /** What each rule says of its own evaluation. */
  rules(): Promise<Rule[]>;
  /** The value of an expression, of its first series; null without any. */
  value(expression: string): Promise<number | null>;
  close(): Promise<void>;
}

/**
 * Starts one on a free port. `hasten` rewrites the rules' text, so that a test need not wait for ten minutes.
 */
export async function startPrometheus(
  serviceUrl: string,
  token: string,
  hasten: (rules: string) => string,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-prometheus-'));
  const port = await freePort();
  writeFileSync(join(folder, 'alerts.yml'), hasten(readFileSync(join(DEPLOY, 'alerts.yml'), 'utf8')));
  writeFileSync(join(folder, 'prometheus.yml'), configOf(serviceUrl, token));
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child = spawn('prometheus', args, { stdio: 'ignore' });
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    return ((await answer.json()) as { data: T }).data;
  };
  return {
    firing: async () =>
      (await ask<{ alerts: Alert[] }>('alerts')).alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => labels['alertname']!)
        .sort(),
    rules: async () =>
      (await ask<{ groups: Array<{ rules: Rule[] }> }>('rules')).groups.flatMap(({ rules }) => rules),
    value: async (expression) => {
      const { result } = await ask<{ result: Array<{ value: [number, string] }> }>(
        `query?query=${encodeURIComponent(expression)}`,
      );
      return result[0] ? Number(result[0].value[1]) : null;
    },
    close: async () => {
      await stopped(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Out of the deployed file, so that what is tested is what is given to operators.
function configOf(serviceUrl: string, token: string): string {
  return readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8')
    .replace('scrape_interval: 15s', 'scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s')
    .replace('127.0.0.1:3000', new URL(serviceUrl).host)
    .replace(/^( *)# With METRICS_TOKEN.*$/m, `$1authorization: { credentials: '${token}' }`);
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
