import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { graphBody } from '../support/client';
import { databaseKind } from '../support/database';

const SCRIPT = join(__dirname, '..', '..', 'scripts', 'decode-version.mjs');
const missing = ['sqlite3', 'zstd'].filter((command) => spawnSync(command, ['--version']).error);
const reason =
  databaseKind === 'postgres'
    ? 'reads a database file, and PostgreSQL has none'
    : missing.length > 0
      ? `needs the commands ${missing.join(' and ')} on this machine`
      : undefined;

describe('docs/backup-format.md, followed by scripts/decode-version.mjs without the service', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const decode = (...args: string[]) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });

  it('prints how it is called, and ends a call that cannot work with a sentence', () => {
    expect(decode('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Usage: /) as string,
    });
    expect(decode('a', 'b', 'c')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^Usage: /) as string,
    });
    const none = ['/nowhere/workflow.db', __filename, '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11', '1'] as const;
    expect(decode(...none)).toMatchObject({ status: 1, stderr: '/nowhere/workflow.db does not exist.\n' });
  });

  (reason ? it.skip : it)(`says that a file is no database${reason ? `: ${reason}` : ''}`, () => {
    const { status, stderr } = decode(__filename, __filename, '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11', '1');
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not a database') as string,
    });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  (reason ? it.skip : it)(
    `gets every version out of a database file${reason ? `: ${reason}` : ''}`,
    async () => {
      const user = await app.aUser();
      const config = (step: number) =>
        JSON.stringify(
          {
            nodes: Array.from({ length: 60 }, (_, i) => ({
              id: `n${i}`,
              x: i === step ? step * 7 : i,
              text: 'ä 😀',
            })),
          },
          null,
          1,
        );
      const made = await user.post('/api/v1/graphs', graphBody('open', config(0)));
      const { id } = made.json<{ id: string }>();
      for (let step = 1; step <= 6; step += 1)
        await user.put(`/api/v1/graphs/${id}`, graphBody('open', config(step)));
      for (let version = 1; version <= 7; version += 1) {
        const key = join(app.place.dataDir, 'keys', 'encryption.key');
        const args = [SCRIPT, join(app.place.dataDir, 'workflow.db'), key, id, String(version)];
        expect(execFileSync(process.execPath, args).toString()).toBe(config(version - 1));
      }
    },
  );
});
