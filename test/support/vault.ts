import type { TestApp } from './app';
import type { ApiClient } from './client';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { allSettled } from './settled';

/** A copy's record as the API answers it. */
export interface RunJson {
  id: string;
  kind: string;
  status: string;
  generation: number;
  versions: number;
  bytes: number;
  object: string | null;
  sha256: string | null;
  error: string | null;
}

/** Runs the scheduled copy now, to its end. `settled`: whether to wait until all events can be copied. */
export async function copyNow(app: TestApp, { settled = true } = {}): Promise<string> {
  if (settled) await allSettled(app);
  const { ended } = await app.service.app.get(JobRunner).trigger('vault-copy');
  return (await ended).status;
}

/** Runs the nightly verification now, to its end. */
export async function verifyNow(app: TestApp): Promise<string> {
  const { ended } = await app.service.app.get(JobRunner).trigger('vault-verify');
  return (await ended).status;
}

export async function runsOf(admin: ApiClient): Promise<RunJson[]> {
  return (await admin.get('/api/v1/backups/runs')).json<RunJson[]>();
}

/** Asks the API for a copy as soon as none is being made, and waits for its end. */
export async function requestCopy(app: TestApp, kind: 'incremental' | 'full'): Promise<RunJson> {
  await allSettled(app);
  return askForCopy(await app.admin(), kind);
}

/** As `requestCopy`, of a service in another process; what other tests hold back may be missing in the copy. */
export async function askForCopy(admin: ApiClient, kind: 'incremental' | 'full'): Promise<RunJson> {
  let begun = await admin.post('/api/v1/backups/runs', { kind });
  while (begun.status === 409) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    begun = await admin.post('/api/v1/backups/runs', { kind });
  }
  if (begun.status !== 202) throw new Error(`The copy was not begun: ${begun.text}`);
  return ended(admin, `/api/v1/backups/runs/${begun.json<RunJson>().id}`);
}

async function ended(admin: ApiClient, path: string): Promise<RunJson> {
  for (;;) {
    const run = (await admin.get(path)).json<RunJson>();
    if (run.status !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
