import { randomBytes } from 'node:crypto';
import { startChild, type ChildService } from './child';
import { newPlace, type TestPlace } from './database';

/** What all replicas of one installation must be given alike. */
export function sharedSecrets(): Record<string, string> {
  return {
    SECRET_KEY: randomBytes(48).toString('base64'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    THROTTLE_LOGIN_PER_MINUTE: '0',
    LOG_FORMAT: 'json',
  };
}

/** Several processes of the service on one database, each with a folder and a port of its own. */
export interface Replicas {
  services: ChildService[];
  place: TestPlace;
  close(): Promise<void>;
}

/** Starts `count` replicas at the same moment, also on an empty database: one of them migrates it. */
export async function startReplicas(
  count: number,
  environment: Record<string, string> = {},
): Promise<Replicas> {
  const place = await newPlace();
  const shared = { DATABASE_URL: place.databaseUrl, ...sharedSecrets(), ...environment };
  const starts = Array.from({ length: count }, (_, i) =>
    startChild({ ...shared, DATA_DIR: `${place.dataDir}/replica-${i}` }),
  );
  const services = await Promise.all(starts);
  return {
    services,
    place,
    close: async () => {
      await Promise.all(services.map((service) => service.stop('SIGKILL')));
      await place.remove();
    },
  };
}
