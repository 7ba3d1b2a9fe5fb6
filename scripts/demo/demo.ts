// Fills a new installation with graphs of all dialects and a month of history, to try things out: `npm run demo`.
// Takes the settings of the service, so DATA_DIR or DATABASE_URL say where. The service must not run at the same time.
import '../../src/platform/hardening/guard-prototypes';
import 'reflect-metadata';
import { createService } from '../../src/app.setup';
import { COPY_JOB, VERIFY_JOB } from '../../src/backups/vault.service';
import { AppConfig } from '../../src/platform/config/app-config';
import { explainError } from '../../src/platform/errors/explain-error';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { Log } from '../../src/platform/logging/log';
import { DEMO, DemoClock, fill } from './fill';

async function main(): Promise<void> {
  const environment = {
    ...process.env,
    CONSOLE: 'off',
    REGISTRATION: 'open',
    ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
  };
  const config = AppConfig.from(environment);
  const clock = new DemoClock();
  const service = await createService(config, {
    clock,
    log: Log.create({ level: 'error', format: 'pretty' }),
    jobs: 'manual',
  });
  try {
    await service.app.listen(0, '127.0.0.1');
    const api = (await service.app.getUrl()) + config.get('API_V1_STR');
    await register(api);
    const ids = await fill(sender(api, clock), clock, clock.now());
    clock.set(null);
    for (const job of [COPY_JOB, VERIFY_JOB]) await (await service.app.get(JobRunner).trigger(job)).ended;
    console.log(
      `${ids.size} graphs with a month of history. Start the service (npm start), open it, and sign in:`,
    );
    console.log(`  e-mail    ${DEMO.email}\n  password  ${DEMO.password}`);
  } finally {
    await service.close();
  }
}

async function register(api: string): Promise<void> {
  const response = await post(`${api}/auth/register`, DEMO);
  if (response.status === 409)
    throw new Error(`There is an account ${DEMO.email} already. Use an empty DATA_DIR.`);
  if (!response.ok) throw new Error(`The account was not created: ${await response.text()}`);
}

/** Sends requests, and signs in again when the clock has moved past the end of the token. */
function sender(api: string, clock: DemoClock): Parameters<typeof fill>[0] {
  let token = { text: '', until: 0 };
  return async (method, path, body) => {
    if (clock.now() > token.until) token = await signIn(api, clock.now());
    const headers = { authorization: `Bearer ${token.text}`, 'content-type': 'application/json' };
    const response = await fetch(api + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} failed: ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
}

async function signIn(api: string, now: number): Promise<{ text: string; until: number }> {
  const response = await post(`${api}/auth/login`, DEMO);
  const { access_token, expires_in } = (await response.json()) as {
    access_token: string;
    expires_in: number;
  };
  return { text: access_token, until: now + (expires_in - 60) * 1_000 };
}

function post(address: string, body: object): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

main().catch((error: unknown) => {
  console.error(explainError(error) ?? (error as Error).message);
  process.exitCode = 1;
});
