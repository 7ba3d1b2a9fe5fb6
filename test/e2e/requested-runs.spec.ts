import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { expectProblem } from '../support/problem';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

it.each([
  ['a copy', 'vault-copy', '/api/v1/backups/runs', 'vault.copy_requested'],
  ['a verification', 'vault-verify', '/api/v1/backups/verifications', 'vault.verification_requested'],
  ['retention', 'retention', '/api/v1/retention/runs', 'retention.requested'],
])('%s that is requested is in the audit log before the run begins', async (_, job, path, action) => {
  const admin = await app.admin();
  // Another run holds the lease, so that the requested one can't begin: what is recorded, was recorded before.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { ended } = await app.service.app.get(JobRunner).trigger(job, async () => {
    await held;
    return {};
  });
  const body = job === 'retention' ? { dry_run: false } : {};
  expectProblem(await admin.post(path, body), 409, 'job-running');
  release();
  expect((await ended).status).toBe('done');
  const events = (await admin.get(`/api/v1/audit?action=${action}`)).json<Array<{ action: string }>>();
  expect(events.map((event) => event.action)).toEqual([action]);
});
