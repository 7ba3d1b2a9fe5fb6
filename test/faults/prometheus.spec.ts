import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import { hasProgram } from '../support/programs';
import { startPrometheus, type Prometheus } from '../support/prometheus';
import { copyNow } from '../support/vault';

const TOKEN = 'a token of tests for metrics';
const WITHIN_MS = 90_000;

/** The same rules, in seconds instead of minutes. */
const hasten = (rules: string) =>
  rules
    .replace('last_success_timestamp_seconds) > 600', 'last_success_timestamp_seconds) > 4')
    .replace('max(graphomat_backup_lag_seconds) > 300', 'max(graphomat_backup_lag_seconds) > 4')
    .replaceAll('[10m]', '[5s]')
    .replaceAll('[5m]', '[10s]')
    .replaceAll(/for: \d+[mh]/g, 'for: 1s');

async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < WITHIN_MS; waited += 250) {
    if (await met().catch(() => false)) return;
    await wait(250);
  }
  throw new Error(`It did not come to it within ${WITHIN_MS} ms: ${what}`);
}

const here = hasProgram('prometheus') && databaseKind === 'sqlite' ? describe : describe.skip;
here("a real Prometheus (skipped where there is none; Debian's package is called prometheus)", () => {
  let app: TestApp;
  let prometheus: Prometheus;
  let working = true;
  const works: Array<Promise<void>> = [];

  beforeAll(async () => {
    app = await startApp({ METRICS_TOKEN: TOKEN, LOG_LEVEL: 'error' });
    prometheus = await startPrometheus(app.url, TOKEN, hasten);
  });
  afterAll(async () => {
    working = false;
    await Promise.all(works);
    await prometheus.close();
    await app.close();
  });

  it('scrapes a service under load, and an alert fires when the vault stops, and clears when it is back', async () => {
    const user = await app.aUser();
    const { id } = await aGraph(user);
    // Users, and the schedule of copies, a second instead of a minute apart.
    const load = async () => {
      for (let i = 0; working; i += 1) {
        await user.put(`${GRAPHS}/${id}`, { config: { i } });
        await wait(5);
      }
    };
    const copies = async () => {
      for (; working; await wait(1_000)) await copyNow(app);
    };
    works.push(load(), load(), copies());

    await until('the service is scraped', async () => (await prometheus.value('up')) === 1);
    await until('load is seen', async () => {
      const rate = 'sum(rate(graphomat_http_request_duration_seconds_count{method="PUT"}[10s]))';
      return ((await prometheus.value(rate)) ?? 0) > 10;
    });
    await until('copies are seen', async () => {
      const age = await prometheus.value('time() - max(graphomat_backup_last_success_timestamp_seconds)');
      return age !== null && age < 4;
    });
    for (const rule of await prometheus.rules())
      expect(rule).toMatchObject({ health: 'ok', name: rule.name });
    await until('nothing fires', async () => (await prometheus.firing()).length === 0);

    const vault = join(app.place.dataDir, 'vault');
    renameSync(vault, `${vault}-away`);
    writeFileSync(vault, 'no folder');
    await until('NoBackup fires', async () => (await prometheus.firing()).includes('NoBackup'));
    await until('BackupLagGrows fires', async () => (await prometheus.firing()).includes('BackupLagGrows'));
    expect(await prometheus.value('max(graphomat_job_last_failed{job_name="vault-copy"})')).toBe(1);
    // Users do not notice.
    expect((await user.put(`${GRAPHS}/${id}`, { config: { vault: 'away' } })).status).toBe(200);
    expect(await prometheus.firing()).not.toContain('ServerErrors');

    rmSync(vault);
    renameSync(`${vault}-away`, vault);
    await until('both clear', async () => {
      const firing = await prometheus.firing();
      return !firing.includes('NoBackup') && !firing.includes('BackupLagGrows');
    });
  }, 600_000);
});
