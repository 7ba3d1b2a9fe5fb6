import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Clock } from '../../../src/platform/clock/clock';
import { HttpSession, graphBody } from '../../../scripts/http-session';
import { table } from '../figures';
import { withFolder } from '../folder';
import type { Options } from '../options';
import { sqliteIn, whereOf } from '../where';
import { seedYear, type Year } from './year-seed';

/** What the service's process is asked for: a job's run, or what was seen since the last time. */
type YearOrder = { job: string } | 'reading' | 'stop';

/** How a job ended, and what the event loop and the memory were like until then. */
interface YearReading {
  status: string;
  error: string | null;
  maxDelayMs: number;
  /** Most CPU time that the process took while the event loop was late: what is left on a machine that is busy. */
  maxBusyMs: number;
  rssBytes: number;
  peakBytes: number;
}

const YEAR: Year = {
  accounts: 30_000,
  events: 200_000,
  versions: 2_000_000,
  history: 40_000,
  graphs: 10_000,
};
const USER = ['bench@example.org', 'a password of the bench'] as const;
const ADMIN = ['admin@example.org', 'an administrator of the bench'] as const;
const DELAY_MAX_MS = 100;
const JOBS = [
  ...['clock', 'usage', 'seal', 'vault-copy', 'vault-copy', 'housekeeping', 'retention', 'usage-check'],
  ...['seal-verification', 'vault-verify', 'seal', 'vault-copy'],
];

/**
 * A year of an installation in one database: every job once, and every kind of read once, with how late the event loop
 * was at worst. `--scale 0.1` takes a tenth of all rows but those of one user.
 */
export async function benchYear({ scale, row, database }: Options): Promise<void> {
  await withFolder(async (folder) => {
    const environment = {
      DATA_DIR: folder,
      DATABASE_URL: sqliteIn(folder),
      ...{ ADMIN_EMAIL: ADMIN[0], ADMIN_PASSWORD: ADMIN[1], LOG_LEVEL: 'warn' },
      ...{ REGISTRATION: 'open', THROTTLE_PER_MINUTE: '0', ACCESS_TOKEN_EXPIRE_MINUTES: '600' },
    };
    const first = await YearService.start(environment);
    await first.session(USER);
    await first.stop();
    const year = { ...YEAR, accounts: YEAR.accounts * scale, versions: YEAR.versions * scale };
    year.versions = Math.max(year.versions, year.history + year.graphs);
    const begun = performance.now();
    seedYear(folder, join(folder, 'bench.db'), USER[0], year, new Clock().now());
    console.log(`${JSON.stringify(year)} in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    const where = await whereOf(database, folder);
    try {
      const service = await YearService.start({ ...environment, ...where.environment });
      try {
        await measure(service, row);
      } finally {
        await service.stop();
      }
    } finally {
      await where.stop();
    }
  });
}

async function measure(service: YearService, only: string | undefined): Promise<void> {
  const user = await service.session(USER);
  const admin = await service.session(ADMIN);
  await service.order('reading');
  const lines = [
    ['a year of an installation', 'ms', 'event loop late, ms', 'of it busy', 'RSS MiB', '', 'KB'],
  ];
  const note = (name: string, ms: number, reading: YearReading, outcome: string, bytes = 0) => {
    const busy = `${reading.maxBusyMs.toFixed(0)}${reading.maxBusyMs > DELAY_MAX_MS ? ' LATE' : ''}`;
    const late = reading.maxDelayMs.toFixed(0);
    const line = [name, ms.toFixed(0), late, busy, (reading.rssBytes / 2 ** 20).toFixed(0), outcome];
    lines.push([...line, (bytes / 1_000).toFixed(0)]);
    console.log(lines.at(-1)!.join('  '));
  };
  for (const job of JOBS) {
    if (only !== undefined && !job.includes(only)) continue;
    const begun = performance.now();
    const reading = await service.order({ job });
    note(job, performance.now() - begun, reading, `${reading.status} ${reading.error ?? ''}`);
  }
  const [long] = JSON.parse((await user.send('GET', '/api/v1/graphs?q=long')).body.toString()) as {
    id: string;
  }[];
  for (const { who, method = 'GET', path, body } of requests(long!.id)) {
    if (only !== undefined && !path.includes(only)) continue;
    await service.order('reading');
    const begun = performance.now();
    const answer = await { user, admin }[who].send(method, path, body);
    const ms = performance.now() - begun;
    note(
      `${who} ${method} ${path}`,
      ms,
      await service.order('reading'),
      String(answer.status),
      answer.body.length,
    );
  }
  console.log(`\n${table(lines)}`);
  const { peakBytes } = await service.order('reading');
  console.log(`peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  user.close();
  admin.close();
}

interface Request {
  who: 'user' | 'admin';
  method?: string;
  path: string;
  body?: Buffer;
}

function requests(id: string): Request[] {
  const api = '/api/v1';
  const graph = `${api}/graphs/${id}`;
  const get = (who: Request['who'], paths: string[]) => paths.map((path) => ({ who, path }));
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const post = (path: string, body: unknown): Request => ({
    who: 'user',
    method: 'POST',
    path,
    body: json(body),
  });
  const at = new Date(new Clock().now() - 86_400_000).toISOString();
  return [
    ...get('user', ['', '?limit=500', '?q=zzz', '?q=order', '?skip=9900', '?sort=-updated_at', '?sort=title&skip=5000', '?include=config,versions'].map((query) => `${api}/graphs${query}`)), // prettier-ignore
    ...get('user', ['', `?at=${at}`, '/versions', '/versions?limit=500&skip=39000', '/versions/20000', '/diff', '/diff?from=1&to=20000', '/picture.svg', '/diff.svg', '/backup-policy'].map((path) => `${graph}${path}`)), // prettier-ignore
    ...get('user', ['/audit', '/audit?limit=500&skip=40000', '/audit?action=graph.purged', `/audit?graph_id=${id}`].map((path) => `${api}${path}`)), // prettier-ignore
    ...get('user', ['/auth/me', '/auth/tokens', '/backup-policy', '/backups/status'].map((path) => `${api}${path}`)), // prettier-ignore
    post(`${api}/backup-policy/preview`, { policy: { keep_last: 5 } }),
    post(`${graph}/backup-policy/preview`, { policy: { keep_last: 5 } }),
    post(`${api}/recovery`, { at, dry_run: true }),
    post(`${api}/recovery`, { at: '2001-01-01T00:00:00.000Z', dry_run: true }),
    { who: 'user', method: 'PUT', path: graph, body: graphBody('The long one, changed', '{"nodes":[]}') },
    post(`${graph}/restore`, { version: 1 }),
    ...get('admin', ['/users', '/users?limit=500&skip=29000', '/audit', '/audit?skip=190000', '/audit?action=graph.purged', '/audit/verification', '/backups/status', '/backups/runs', '/backups/verifications', '/retention/runs', '/monitoring/backups', '/monitoring/storage', '/monitoring/performance', '/monitoring/errors'].map((path) => `${api}${path}`)), // prettier-ignore
    ...get('admin', ['/health', '/metrics', '/docs/openapi.json']),
  ];
}

/** The service in a process of its own, whose jobs run when they are asked for. */
class YearService {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(environment: Record<string, string>): Promise<YearService> {
    const child = fork(join(__dirname, 'year-service.cjs'), {
      // Not the parent's, which compile.
      execArgv: [],
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return new YearService(child, url);
  }

  async order(order: YearOrder): Promise<YearReading> {
    const answered = once(this.child, 'message');
    this.child.send(order);
    return ((await answered) as [YearReading])[0];
  }

  async session(credentials: readonly [string, string]): Promise<HttpSession> {
    const session = new HttpSession(this.url, 1);
    await session.signIn(...credentials);
    return session;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.send('stop' satisfies YearOrder);
    await ended;
  }
}
