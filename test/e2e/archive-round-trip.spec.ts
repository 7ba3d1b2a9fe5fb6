import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { contentOf } from '../support/archives';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { anyCharacter } from '../support/any-character';

const SAMPLES = join(__dirname, '../samples/graphs');
const ZIP = { 'content-type': 'application/zip' };
const DAY_MS = 86_400_000;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ MAX_IMPORT_BYTES: '50000000' });
});
afterAll(() => app.close());
beforeEach(() => app.clock.stop());

/** Documents of several tools, and spellings that a parser would change. */
const CONFIG = fc.constantFrom(
  ...readdirSync(SAMPLES).map((name) => readFileSync(join(SAMPLES, name), 'utf8').trim()),
  '{"a": 1.0,\r\n "a":1e400}',
  '[12345678901234567890, "\\u0041", -0.0, 1E+2]',
  '{"__proto__":{"x":1},"":"\\ud800","é":"e\u0301\ufeff"}',
  '{ "nodes" : [ ] , "edges":[\t] }',
  '{}',
  '[]',
);
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const TEXT = fc
  .oneof(
    fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }),
    fc.constantFrom('a\nb\r\n"c"\\', '../../x', 'CON', '日本語 👩‍👩‍👧', 'data 3\nabc', 'ﷺ'.repeat(200)),
  )
  .filter((text) => !text.includes('\0') && VISIBLE.test(text));

/** One change of a graph. Those that its state does not allow are refused, which changes nothing. */
type Step =
  | { kind: 'put'; config?: string; title?: string; status?: string; description?: string | null }
  | { kind: 'delete' | 'recover' }
  | { kind: 'mark'; label: string | null; pinned: boolean }
  | { kind: 'policy'; keep_last: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), config: CONFIG }) },
  fc.record({ kind: fc.constant('put' as const), title: TEXT }),
  fc.record({
    kind: fc.constant('put' as const),
    status: fc.constantFrom('draft', 'active', 'archived'),
    description: fc.option(fc.oneof(TEXT, fc.constant(''))),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('recover' as const) }) },
  fc.record({
    kind: fc.constant('mark' as const),
    label: fc.option(TEXT.filter(({ length }) => length <= 100)),
    pinned: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('policy' as const), keep_last: fc.integer({ min: 1, max: 3 }) }),
);
const GRAPH = fc.record({ title: TEXT, config: CONFIG, steps: fc.array(STEP, { maxLength: 7 }) });
const ACCOUNT = fc.record({
  graphs: fc.array(GRAPH, { maxLength: 4 }),
  policy: fc.option(fc.constantFrom({ keep_last: 2, keep_within_hours: 1 }, { deleted_retention_days: 9 })),
  /** Whether retention has removed versions before the export. */
  pruned: fc.boolean(),
});
type Account = typeof ACCOUNT extends fc.Arbitrary<infer T> ? T : never;

function send(user: ApiClient, path: string, step: Step, version: number) {
  const { kind, ...fields } = step;
  if (kind === 'delete') return user.delete(path);
  if (kind === 'recover') return user.post(`${path}/recover`);
  if (kind === 'mark') return user.send('PATCH', `${path}/versions/${version}`, fields);
  if (kind === 'policy') return user.put(`${path}/backup-policy`, fields);
  const { config, ...texts } = fields as Extract<Step, { kind: 'put' }>;
  return user.put(path, config === undefined ? texts : `{"config":${config}}`);
}

async function build(user: ApiClient, { graphs, policy, pruned }: Account): Promise<void> {
  if (policy) expect((await user.put('/api/v1/backup-policy', policy)).status).toBe(200);
  for (const { title, config, steps } of graphs) {
    const made = await user.post(GRAPHS, graphBody(title, config));
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const path = `${GRAPHS}/${made.json<GraphJson>().id}`;
    let version = 1;
    for (const step of steps) {
      app.clock.advance(1_000);
      const answer = await send(user, path, step, version);
      expect([200, 404, 409]).toContain(answer.status);
      if (answer.status === 200) version = answer.json<Partial<GraphJson>>().version ?? version;
    }
    app.clock.advance(1_000);
  }
  if (!pruned) return;
  app.clock.advance(4 * DAY_MS);
  const { ended } = await app.service.app.get(JobRunner).trigger('retention');
  expect(await ended).toMatchObject({ status: 'done' });
}

const exported = async (user: ApiClient) => (await user.get('/api/v1/export')).bytes;

/** A user whose sign-in is younger than the time that the test lets pass. */
async function imported(archive: Buffer) {
  const user = await app.aUser();
  const answer = await user.post('/api/v1/import', archive, ZIP);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return { user, report: answer.json<{ created: number; skipped: number; refused: number }>() };
}

it('any account is the same after an export and an import into an empty account', async () => {
  await fc.assert(
    fc.asyncProperty(ACCOUNT, async (account) => {
      const owner = await app.aUser();
      await build(owner, account);
      const archive = await exported(await again(owner));
      const graphs = account.graphs.length;
      const { user, report } = await imported(archive);
      expect(report).toMatchObject({ created: graphs, skipped: 0, refused: 0 });
      expect(await contentOf(await exported(user))).toEqual(await contentOf(archive));
      const repeated = await user.post('/api/v1/import', archive, ZIP);
      expect(repeated.json()).toMatchObject({ created: 0, extended: 0, skipped: graphs, refused: 0 });
      expect(await contentOf(await exported(user))).toEqual(await contentOf(archive));
    }),
    { numRuns: 15, examples: EXAMPLES.map((account) => [account]) },
  );
});

/** Signed in again: the clock may have moved past the end of the first sign-in. */
const again = ({ credentials }: ApiClient) => app.anonymous.signIn(credentials!.email, credentials!.password);

const PUT = (config: string): Step => ({ kind: 'put', config });
const EXAMPLES: Account[] = [
  // The oldest version that is left is a deletion.
  {
    policy: { keep_last: 2, keep_within_hours: 1 },
    pruned: true,
    graphs: [{ title: 'A', config: '{}', steps: [{ kind: 'delete' }, { kind: 'recover' }] }],
  },
  // Versions that differ in nothing but their title, and the trash.
  {
    policy: null,
    pruned: false,
    graphs: [
      { title: 'A', config: '{}', steps: [{ kind: 'put', title: 'B' }, PUT('[1]'), { kind: 'delete' }] },
    ],
  },
];
