import { createService, type Service } from '../../src/app.setup';
import { PasswordCost } from '../../src/auth/passwords';
import { AppConfig } from '../../src/platform/config/app-config';
import { Log } from '../../src/platform/logging/log';
import { ApiClient } from './client';
import { migratedPlace, type TestPlace } from './database';
import { TestClock } from './test-clock';

/** The real service, listening on a port of its own, on an empty database of the run's kind. */
export interface TestApp {
  url: string;
  service: Service;
  clock: TestClock;
  place: TestPlace;
  /** Everything that was logged so far. */
  logs: string[];
  /** Somebody who is not signed in. */
  anonymous: ApiClient;
  /** A new account, signed in. */
  aUser(): Promise<ApiClient>;
  /** The administrator, signed in. */
  admin(): Promise<ApiClient>;
  /** Stops the service and keeps its data. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export const ADMIN = { email: 'admin@test.example', password: 'an administrator of tests' };
/** A hash in well under 1 ms; `passwords.spec.ts` checks the cost in production. */
const CHEAP = new PasswordCost(8, 1, 1);
let users = 0;

/**
 * Starts the service; `environment` adds to or replaces the test's own settings. With `existing` it starts on the
 * folder and database that another start left behind (`app.service.close()` stops one without removing them). `clock`
 * goes on where the clock of that start was.
 */
export async function startApp(
  environment: Record<string, string> = {},
  existing?: TestPlace,
  clock = new TestClock(),
): Promise<TestApp> {
  const place = existing ?? (await migratedPlace());
  const logs: string[] = [];
  const config = AppConfig.from({
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    REGISTRATION: 'open',
    // Its file costs some milliseconds and MiB each time; disk-full.spec.ts has one.
    DISK_RESERVE_BYTES: '0',
    THROTTLE_LOGIN_PER_MINUTE: '0',
    THROTTLE_PER_MINUTE: '0',
    LOG_LEVEL: 'debug',
    // A Jest worker holds many services, one after the other; what it takes says nothing about one of them.
    MEMORY_DEGRADED_BYTES: String(2 ** 40),
    ...environment,
  });
  const log = Log.create({
    level: config.get('LOG_LEVEL'),
    format: 'json',
    destination: { write: (line) => void logs.push(line) },
  });
  const service = await createService(config, { clock, log, jobs: 'manual', passwordCost: CHEAP });
  await service.app.listen(0, '127.0.0.1');
  const url = await service.app.getUrl();
  const anonymous = new ApiClient(url);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= service.close());
  return {
    url,
    service,
    clock,
    place,
    logs,
    anonymous,
    aUser: () => signedUp(anonymous),
    admin: () => anonymous.signIn(ADMIN.email, ADMIN.password),
    stop,
    close: async () => {
      await stop();
      await place.remove();
    },
  };
}

async function signedUp(anonymous: ApiClient): Promise<ApiClient> {
  users += 1;
  const email = `user${users}-${process.pid}@test.example`;
  const password = 'a password of tests';
  const made = await anonymous.post('/api/v1/auth/register', { email, password });
  if (made.status !== 201) throw new Error(`The test's user was not made: ${made.text}`);
  return anonymous.signIn(email, password);
}
