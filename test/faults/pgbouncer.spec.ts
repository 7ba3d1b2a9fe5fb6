import { startChild, type ChildService } from '../support/child';
import { spawnCli } from '../support/cli';
import { ApiClient, graphBody } from '../support/client';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, type GraphJson, type VersionJson } from '../support/graphs';
import { pgBouncerInstalled, startPgBouncer, type PgBouncer } from '../support/pgbouncer';
import { sharedSecrets } from '../support/replicas';

const behind = databaseKind === 'postgres' && pgBouncerInstalled ? describe : describe.skip;

if (databaseKind === 'postgres' && !pgBouncerInstalled)
  it.skip('PgBouncer is not installed here (apt-get install pgbouncer), so nothing was tried behind it', () =>
    undefined);

behind('two replicas behind PgBouncer in transaction mode', () => {
  const secrets = sharedSecrets();
  let place: TestPlace;
  let bouncer: PgBouncer;
  let services: ChildService[];

  beforeAll(async () => {
    place = await newPlace();
    bouncer = await startPgBouncer(place.databaseUrl);
    // Both start at once on an empty database: the migrations' lock must hold through the pooler too.
    services = await Promise.all(
      [0, 1].map((i) =>
        startChild({ ...secrets, DATABASE_URL: bouncer.url, DATA_DIR: `${place.dataDir}/${i}` }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all((services ?? []).map((service) => service.stop('SIGKILL')));
    await bouncer?.stop();
    await place?.remove();
  });

  it('take changes of many clients at once on few connections, and every version reads back', async () => {
    const anonymous = new ApiClient(services[0]!.url);
    const account = { email: 'pooled@test.example', password: 'a password of tests' };
    expect((await anonymous.post('/api/v1/auth/register', account)).status).toBe(201);
    const user = await anonymous.signIn(account.email, account.password);
    const on = (i: number) => new ApiClient(services[i % 2]!.url, user.token);
    const made = await user.post(GRAPHS, graphBody('pooled', '["first"]'));
    expect({ status: made.status, text: made.text }).toMatchObject({ status: 201 });
    const { id } = made.json<GraphJson>();
    const path = `${GRAPHS}/${id}`;

    const sent = new Map([[1, '["first"]']]);
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const config = `{ "client":  ${i} }`;
        const answer = await on(i).put(path, graphBody('pooled', config));
        expect(answer.status).toBe(200);
        sent.set(answer.json<GraphJson>().version, config);
      }),
    );
    const listed = (await user.get(`${path}/versions?limit=500`)).json<VersionJson[]>();
    expect(listed.map(({ version }) => version)).toEqual(Array.from({ length: 31 }, (_, i) => 31 - i));
    for (const [version, config] of sent)
      expect((await on(version).get(`${path}/versions/${version}`)).configBytes.toString()).toBe(config);

    expect((await user.delete(path)).status).toBeLessThan(300);
    expect((await on(1).get(path)).status).toBe(404);
    for (const { url } of services) expect((await new ApiClient(url).get('/health/ready')).status).toBe(200);
  });

  it('let the operator’s tools work through it at the same time', async () => {
    const environment = { ...secrets, DATABASE_URL: bouncer.url };
    expect(await spawnCli('check', [], place, environment)).toMatchObject({ code: 0 });
    expect(await spawnCli('keys', ['status'], place, environment)).toMatchObject({ code: 0 });
  });
});
