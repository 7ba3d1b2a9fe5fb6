import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { PATIENCE_MS, until } from '../support/within';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

interface Report {
  status: string;
  details: Record<string, { status: string; degraded?: boolean; reason?: string }>;
}

/** One metric's value, all its series added up; null when there is none. */
async function metric(name: string, labels = ''): Promise<number | null> {
  const { text } = await app.anonymous.get('/metrics');
  const lines = text
    .split('\n')
    .filter((line) => new RegExp(`^${name}(\\{|\\s)`).test(line) && line.includes(labels));
  return lines.length === 0 ? null : lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('/health', () => {
  it('says how each part is, without signing in', async () => {
    const answer = await app.anonymous.get('/health');
    expect(answer.status).toBe(200);
    const report = answer.json<Report>();
    expect(Object.keys(report.details).sort()).toEqual(
      [
        ...['audit', 'backups', 'database', 'database_write', 'disk', 'event_loop', 'mail', 'memory'],
        ...['retention', 'sources', 'vault', 'verification', 'webhooks', 'workers'],
      ].sort(),
    );
    for (const part of Object.values(report.details)) expect(part.status).toBe('up');
  });

  it('says that the process uses much memory, wherever in it that lies', async () => {
    const small = await startApp({ MEMORY_DEGRADED_BYTES: '1048576' });
    const { details } = (await small.anonymous.get('/health')).json<Report>();
    expect(details['memory']).toMatchObject({ status: 'up', degraded: true });
    expect(details['memory']!.reason).toContain('MEMORY_DEGRADED_BYTES (1048576 bytes)');
    await small.close();
  });

  it('says in words what is down, with 503, while the process stays alive', async () => {
    rmSync(app.place.dataDir, { recursive: true, force: true });
    const answer = await app.anonymous.get('/health');
    expect(answer.status).toBe(503);
    const report = answer.json<Report>();
    expect(report.status).toBe('error');
    expect(report.details['disk']).toMatchObject({
      status: 'down',
      reason: expect.stringContaining('DATA_DIR'),
    });
    expect((await app.anonymous.get('/health/live')).status).toBe(200);
  });

  it('finds a database that takes no writes, and does not write for each request', async () => {
    const written = async () => (await rawSql(app.place, 'SELECT at FROM health_probe'))[0]!['at'];
    await app.anonymous.get('/health');
    const first = await written();
    app.clock.advance(1_000);
    await app.anonymous.get('/health');
    expect(await written()).toBe(first);
    await rawSql(app.place, 'DROP TABLE health_probe');
    app.clock.advance(10_000);
    const answer = await app.anonymous.get('/health');
    expect(answer.status).toBe(503);
    expect(answer.json<Report>().details['database_write']).toMatchObject({
      status: 'down',
      reason: expect.stringContaining('write'),
    });
    expect((await app.anonymous.get('/health/ready')).status).toBe(200);
  });
});

describe('/metrics', () => {
  it('counts requests by route and status, errors by code, versions and bytes', async () => {
    const user = await app.aUser();
    const graph = await aGraph(user, { config: { nodes: [] } });
    await user.get(`${GRAPHS}/${graph.id}`);
    await user.get(`${GRAPHS}/019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11`);
    await user.get('/nothing-here');
    const requests = 'graphomat_http_request_duration_seconds_count';
    expect(await metric(requests, 'method="GET",route="/api/v1/graphs/:id",status="200"')).toBe(1);
    expect(await metric(requests, 'method="GET",route="/api/v1/graphs/:id",status="404"')).toBe(1);
    expect(await metric('graphomat_http_problems_total', 'code="not-found"')).toBeGreaterThanOrEqual(1);
    expect(await metric('graphomat_journal_events_total', 'action="graph.created"')).toBe(1);
    expect(await metric('graphomat_version_bytes_total', 'kind="in"')).toBe(graph.config_bytes);
    expect(await metric('graphomat_version_bytes_total', 'kind="stored"')).toBeGreaterThan(0);
    expect(await metric('graphomat_database_units_total')).toBeGreaterThan(0);
    expect(await metric('graphomat_disk_bytes', 'kind="free"')).toBeGreaterThan(0);
    expect(await metric('graphomat_build_info')).toBe(1);
    const connections = await metric('graphomat_database_connections');
    if (databaseKind === 'postgres') expect(connections).toBeGreaterThan(0);
    else expect(connections).toBeNull();
  });

  it('has no ids in it, and as many series after many graphs as after one', async () => {
    const user = await app.aUser();
    const series = async () =>
      (await app.anonymous.get('/metrics')).text.split('\n').filter((line) => line.startsWith('graphomat_'))
        .length;
    const ids: string[] = [];
    const round = async () => {
      const { id } = await aGraph(user);
      ids.push(id);
      await user.get(`${GRAPHS}/${id}`);
      await user.get(`/no/such/${id}`);
      await user.send('PROPFIND', `${GRAPHS}/${id}`);
    };
    await round();
    await series();
    const before = await series();
    for (let i = 0; i < 10; i += 1) await round();
    expect(await series()).toBe(before);
    const { text } = await app.anonymous.get('/metrics');
    for (const id of ids) expect(text).not.toContain(id);
  });
});

describe('/monitoring', () => {
  it('shows routes and errors of the last hour to operators only', async () => {
    const user = await app.aUser();
    await user.get(`${GRAPHS}/019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11`);
    expect((await user.get('/api/v1/monitoring/performance')).status).toBe(403);
    expect((await app.anonymous.get('/api/v1/monitoring/errors')).status).toBe(401);
    const admin = await app.admin();
    const { routes } = (await admin.get('/api/v1/monitoring/performance')).json<{
      routes: Array<Record<string, unknown>>;
    }>();
    expect(routes).toContainEqual({
      method: 'GET',
      route: '/api/v1/graphs/:id',
      count: 1,
      per_second: 0,
      p50_ms: expect.any(Number),
      p95_ms: expect.any(Number),
      p99_ms: expect.any(Number),
    });
    for (const { by_code } of await errorsAs(admin)) expect(by_code['not-found']).toBe(1);
    app.clock.advance(2 * 3_600_000);
    // Signed in again: the token of two hours ago has expired.
    const later = Object.fromEntries(
      (await errorsAs(await app.admin())).map(({ window, by_code }) => [window, by_code['not-found']]),
    );
    expect(later).toEqual({ '5m': undefined, '1h': undefined, '24h': 1 });
  });
});

describe('the log level', () => {
  it('can be changed by an administrator while the service runs, with a trace', async () => {
    const admin = await app.admin();
    const path = '/api/v1/monitoring/log-level';
    expect((await (await app.aUser()).put(path, { level: 'silent' })).status).toBe(403);
    expect((await admin.put(path, { level: 'loud' })).status).toBe(400);
    expect((await admin.put(path, { level: 'error' })).json()).toEqual({ level: 'error' });
    const before = app.logs.length;
    await app.anonymous.get('/health/live');
    expect(app.logs.length).toBe(before);
    await admin.put(path, { level: 'info' });
    await app.anonymous.get('/health/live');
    await until(PATIENCE_MS, 'the line of a request', () =>
      app.logs.slice(before).some((line) => line.includes('/health/live')) ? true : undefined,
    );
    const events = await rawSql(app.place, 'SELECT details FROM journal WHERE action = 900 ORDER BY seq');
    expect(events).toEqual([
      { details: '{"from":"debug","to":"error"}' },
      { details: '{"from":"error","to":"info"}' },
    ]);
  });
});

describe('what takes long', () => {
  it('is logged as a warning: a slow statement without its values, a slow request by its route', async () => {
    const slow = await startApp({ SLOW_QUERY_MS: '1', SLOW_REQUEST_MS: '1' });
    try {
      const user = await slow.aUser();
      // What does not compress: rows of several MB take their time on any machine.
      await aGraph(user, {
        title: 'a marker of a title',
        config: [randomBytes(6_000_000).toString('base64')],
      });
      const read = () => slow.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
      // The line of a request is written once its answer is out, which the client may see a moment before.
      const lines = await until(PATIENCE_MS, 'the line of the slow request', () =>
        read().some(({ msg }) => msg === 'slow request') ? read() : undefined,
      );
      expect(lines).toContainEqual(
        expect.objectContaining({
          msg: 'slow request',
          level: 40,
          method: 'POST',
          ms: expect.any(Number),
        }),
      );
      const statement = lines.find(({ msg }) => msg === 'slow query');
      expect(statement).toMatchObject({
        level: 40,
        ms: expect.any(Number),
        sql: expect.stringMatching(/^[A-Z]/),
      });
      expect(slow.logs.join('')).not.toContain('a marker of a title');
    } finally {
      await slow.close();
    }
  });
});

async function errorsAs(admin: ApiClient) {
  const answer = await admin.get('/api/v1/monitoring/errors');
  return answer.json<{ windows: Array<{ window: string; by_code: Record<string, number> }> }>().windows;
}
