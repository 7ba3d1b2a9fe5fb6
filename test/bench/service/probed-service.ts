import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildService, startChild } from '../../../scripts/child-service';
import { sqliteIn } from '../where';
import { HttpSession } from '../../../scripts/http-session';

const CREDENTIALS = ['bench@example.org', 'a password of the bench'] as const;
const CONNECTIONS = 16;
const LOOK_EVERY_MS = 20;

/** What the service's process has seen since the last reading. */
export interface Reading {
  /** How late the event loop was at worst, ms. */
  maxDelayMs: number;
  /** Most memory the process has held since its start, bytes. */
  peakBytes: number;
  held: HeldBytes;
}

/** Memory that the process holds: objects, buffers, and all that the system has given it. */
export interface HeldBytes {
  heap: number;
  buffers: number;
  resident: number;
}

/** The service as a process of its own, watched from inside, with a user signed in. */
export class ProbedService {
  private constructor(
    readonly child: ChildService,
    readonly session: HttpSession,
    private readonly probeFile: string,
  ) {}

  static async start(
    folder: string,
    execArgv: string[] = [],
    environment: Record<string, string> = {},
  ): Promise<ProbedService> {
    const probeFile = join(folder, 'probe.json');
    const child = await startChild(
      {
        DATA_DIR: folder,
        DATABASE_URL: sqliteIn(folder),
        LOG_FORMAT: 'json',
        ACCESS_TOKEN_EXPIRE_MINUTES: '240',
        BENCH_PROBE_FILE: probeFile,
        ...environment,
      },
      ['--require', join(__dirname, 'probe.cjs'), ...execArgv],
      undefined,
      [],
      join(folder, 'service.log'),
    );
    const session = new HttpSession(child.url, CONNECTIONS);
    await session.signIn(...CREDENTIALS);
    return new ProbedService(child, session, probeFile);
  }

  /** What was seen since the last call. */
  async reading(): Promise<Reading> {
    rmSync(this.probeFile, { force: true });
    this.child.process.kill('SIGUSR2');
    while (!existsSync(this.probeFile)) await sleep(LOOK_EVERY_MS);
    return JSON.parse(readFileSync(this.probeFile, 'utf8')) as Reading;
  }

  /** What the process holds now; without garbage if it was started with `--expose-gc`. */
  async heldBytes(): Promise<HeldBytes> {
    return (await this.reading()).held;
  }

  /** Sends JSON and takes the answer's body, which must come with one of the `expected` status codes. */
  async send(
    method: string,
    path: string,
    body?: Buffer,
    expected: readonly number[] = [200],
  ): Promise<Buffer> {
    const answer = await this.session.send(method, path, body);
    if (!expected.includes(answer.status))
      throw new Error(
        `${method} ${path} was answered with ${answer.status}: ${answer.body.toString().slice(0, 300)}`,
      );
    return answer.body;
  }

  async stop(): Promise<void> {
    this.session.close();
    await this.child.stop();
  }
}
