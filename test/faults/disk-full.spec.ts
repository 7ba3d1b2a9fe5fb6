import { randomBytes } from 'node:crypto';
import { ApiClient } from '../support/client';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { canMount, startOnSmallDisk, type SmallDisk } from '../support/small-disk';
import { PATIENCE_MS, until } from '../support/within';

// PostgreSQL's disk is its server's. Where nothing can be mounted, these tests say nothing.
const onSmallDisk = databaseKind === 'sqlite' && canMount ? describe : describe.skip;

const MIB = 1_048_576;
const USER = { email: 'user@disk.example', password: 'a password of tests' };

/** Text that no compression makes smaller than three quarters. */
const noise = (bytes: number) => randomBytes((bytes * 3) / 4).toString('base64');

onSmallDisk('on a full disk', () => {
  let place: TestPlace;
  let disk: SmallDisk;
  let user: ApiClient;
  let graphs: GraphJson[];

  beforeEach(async () => {
    place = await newPlace();
    disk = await startOnSmallDisk(place.dataDir, 96, {
      LOG_FORMAT: 'json',
      THROTTLE_LOGIN_PER_MINUTE: '0',
      MAX_BODY_BYTES: `${40 * MIB}`,
    });
    const anonymous = new ApiClient(disk.service.url);
    await anonymous.post('/api/v1/auth/register', USER);
    user = await anonymous.signIn(USER.email, USER.password);
    graphs = [];
    for (let i = 0; i < 4; i += 1) graphs.push(await aGraph(user, { config: { noise: noise(MIB) } }));
    await untilReserved();
  });
  afterEach(async () => {
    await disk?.service.stop('SIGKILL');
    await place.remove();
  });

  /** Everything that frees space, and what is needed for it. */
  async function expectFreeingWorks(): Promise<void> {
    const again = await new ApiClient(disk.service.url).signIn(USER.email, USER.password);
    const [first, second, ...kept] = graphs as [GraphJson, GraphJson, ...GraphJson[]];
    for (const { id } of [first, second]) {
      expect((await again.delete(`${GRAPHS}/${id}`)).status).toBe(200);
      expect((await again.post(`${GRAPHS}/${id}/purge`)).status).toBe(204);
    }
    expect((await again.put('/api/v1/backup-policy', { keep_last: 5 })).status).toBe(200);
    for (const { id, config } of kept)
      expect((await again.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ config });
  }

  async function expectGrowingRefused(): Promise<void> {
    const [, , third] = graphs as [GraphJson, GraphJson, GraphJson];
    expectProblem(await user.post(GRAPHS, { title: 'one more' }), 503, 'disk-full');
    expectProblem(await user.put(`${GRAPHS}/${third.id}`, { title: 'changed' }), 503, 'disk-full');
    expect((await user.get(`${GRAPHS}/${third.id}`)).json()).toMatchObject({ version: 1 });
  }

  const untilReserved = () =>
    until(PATIENCE_MS, 'the reserve', () => (disk.has('workflow.db.reserve') ? true : undefined));

  async function expectRecovery(): Promise<void> {
    disk.empty();
    await untilReserved();
    await until(PATIENCE_MS, 'room again', async () =>
      (await user.post(GRAPHS, { title: 'one more' })).status === 201 ? true : undefined,
    );
    expect(disk.has('workflow.db.reserve')).toBe(true);
  }

  it('signing in, deleting, purging and policies work, nothing else is stored, and it ends by itself', async () => {
    disk.fill(0);
    await expectFreeingWorks();
    await expectGrowingRefused();
    expect(disk.has('workflow.db.reserve')).toBe(false);
    const health = (await user.get('/health')).json<{ details: { disk: object } }>();
    expect(health.details.disk).toMatchObject({
      status: 'down',
      reason: expect.stringContaining('the disk of the database is full') as string,
    });
    expect((await user.get('/metrics')).text).toContain('graphomat_disk_full 1');
    await expectRecovery();
    expect((await user.get('/metrics')).text).toContain('graphomat_disk_full 0');
  });

  it('the same holds after SQLite itself ran out of space within a large write', async () => {
    disk.fill(10 * MIB);
    // More than fits on the disk and into the log, which may have started again.
    const large = await user.post(GRAPHS, { title: 'large', config: { noise: noise(30 * MIB) } });
    expectProblem(large, 503, 'disk-full');
    // Full for the service, which may have given the room of its reserve and its log back to the disk by now.
    disk.fill(7 * MIB);
    await expectGrowingRefused();
    await expectFreeingWorks();
    await expectRecovery();
  });

  it('purged graphs and the log give their space back to the disk', async () => {
    for (let i = 0; i < 8; i += 1) graphs.push(await aGraph(user, { config: { noise: noise(MIB) } }));
    disk.fill(0);
    await expectFreeingWorks();
    const before = disk.freeBytes();
    for (const { id } of graphs.slice(2)) {
      await user.delete(`${GRAPHS}/${id}`);
      await user.post(`${GRAPHS}/${id}/purge`);
    }
    await until(PATIENCE_MS, 'space on the disk', () =>
      disk.freeBytes() >= before + 5 * MIB ? true : undefined,
    );
  });
});
