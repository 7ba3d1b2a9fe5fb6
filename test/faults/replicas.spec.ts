import { configOf, graphBody } from '../../scripts/http-session';
import { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, type GraphJson, type VersionJson } from '../support/graphs';
import { startReplicas, type Replicas } from '../support/replicas';

// SQLite is for one process; its lock refuses a second one (config-start.spec.ts).
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

const REPLICAS = 3;
const CLIENTS = 40;
const CHANGES_EACH = 3;
const ADMIN = { email: 'admin@test.example', password: 'an administrator of tests' };
const USER = { email: 'shared@test.example', password: 'a password of tests' };

const ADMINISTRATOR = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };

onPostgres('three replicas on one database', () => {
  let replicas: Replicas;
  beforeAll(async () => void (replicas = await startReplicas(REPLICAS, ADMINISTRATOR)));
  afterAll(() => replicas?.close());

  const onReplica = (user: ApiClient, i: number) =>
    new ApiClient(replicas.services[i % REPLICAS]!.url, user.token, user.userId);

  async function signUp(email = USER.email): Promise<ApiClient> {
    const anonymous = new ApiClient(replicas.services[0]!.url);
    expect((await anonymous.post('/api/v1/auth/register', { ...USER, email })).status).toBe(201);
    return anonymous.signIn(email, USER.password);
  }

  it('give 40 clients that change one graph versions 1 to n, without a hole or a double, each with its bytes', async () => {
    const user = await signUp();
    const first = '{ "client": "first" }';
    const made = (await user.post(GRAPHS, graphBody('contended', first))).json<GraphJson>();
    const path = `${GRAPHS}/${made.id}`;
    const answered: Array<[number, string]> = [[1, first]];

    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        const via = onReplica(user, client);
        for (let n = 0; n < CHANGES_EACH; n += 1) {
          const config = `{ "client": ${client},  "n": ${n} }`;
          answered.push([await change(via, path, config, client % 2 === 0), config]);
        }
      }),
    );

    const last = 1 + CLIENTS * CHANGES_EACH;
    const versions = answered.map(([version]) => version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    const listed = (await user.get(`${path}/versions?limit=500`)).json<VersionJson[]>();
    expect(listed.map(({ version }) => version).reverse()).toEqual(versions);
    for (const [version, config] of answered) {
      const read = await onReplica(user, version).get(`${path}/versions/${version}`);
      expect(configOf(read.bytes).toString()).toBe(config);
    }
  });

  it('show a graph written through one of them through the others at once', async () => {
    const user = await signUp('reader@test.example');
    const { id } = (await user.post(GRAPHS, graphBody('seen', '{ "a": 1 }'))).json<GraphJson>();
    for (let version = 2; version <= 10; version += 1) {
      const written = await onReplica(user, version).put(
        `${GRAPHS}/${id}`,
        graphBody('seen', `[${version}]`),
      );
      expect(written.json()).toMatchObject({ version });
      const read = await onReplica(user, version + 1).get(`${GRAPHS}/${id}`);
      expect(read.configBytes.toString()).toBe(`[${version}]`);
    }
  });

  it('know of a role, and of an account that was closed, from the next request through any of them', async () => {
    const user = await signUp('changing@test.example');
    const anonymous = new ApiClient(replicas.services[0]!.url);
    const admin = await anonymous.signIn(ADMIN.email, ADMIN.password);
    const path = `/api/v1/users/${user.userId}`;
    // An operator may read the runs, a user may not; asked before, so that each replica could remember.
    const seen = async () => {
      const answers = await Promise.all(
        replicas.services.map((_, i) => onReplica(user, i).get('/api/v1/retention/runs')),
      );
      return answers.map(({ status }) => status);
    };
    const everywhere = (status: number) => Array<number>(REPLICAS).fill(status);
    expect(await seen()).toEqual(everywhere(403));
    for (let round = 0; round < 2 * REPLICAS; round += 1) {
      const via = onReplica(admin, round);
      expect((await via.send('PATCH', path, '{ "role": "operator" }')).status).toBe(200);
      expect(await seen()).toEqual(everywhere(200));
      expect((await via.send('PATCH', path, '{ "role": "user" }')).status).toBe(200);
      expect(await seen()).toEqual(everywhere(403));
    }
    expect((await onReplica(admin, 1).send('PATCH', path, '{ "is_active": false }')).status).toBe(200);
    expect(await seen()).toEqual(everywhere(401));
  });

  it('make one account of one e-mail address that registers through all of them at once', async () => {
    const answers = await Promise.all(
      replicas.services.map(({ url }) =>
        new ApiClient(url).post('/api/v1/auth/register', { ...USER, email: 'once@test.example' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('make one graph of a creation that is retried through another one', async () => {
    const user = await signUp('retry@test.example');
    const key = { 'idempotency-key': 'one-and-the-same' };
    const answers = await Promise.all(
      replicas.services.map((_, i) => onReplica(user, i).post(GRAPHS, graphBody('once', '[]'), key)),
    );
    expect(new Set(answers.map((answer) => answer.json<GraphJson>().id)).size).toBe(1);
    expect((await user.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(1);
  });
});

/** One change, tried until it is accepted; careful clients say which state they have seen. Returns its version. */
async function change(via: ApiClient, path: string, config: string, careful: boolean): Promise<number> {
  for (;;) {
    const seen = careful ? (await via.head(path)).headers.get('etag') : null;
    const answer = await via.put(path, graphBody('contended', config), seen ? { 'if-match': seen } : {});
    if (answer.status === 200) return answer.json<GraphJson>().version;
    // Somebody was faster (412, or 409 after many tries) or all connections were busy (503): nothing was written.
    expect([409, 412, 503]).toContain(answer.status);
  }
}
