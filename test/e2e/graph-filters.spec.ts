import { startApp, type TestApp } from '../support/app';
import type { ApiAnswer, ApiClient } from '../support/client';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { expectFaults } from '../support/problem';
import { SOURCES, aSource } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { copyNow, verifyNow } from '../support/vault';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const titles = (answer: ApiAnswer) =>
  answer
    .json<GraphJson[]>()
    .map(({ title }) => title)
    .sort();
const found = async (user: ApiClient, filter: string) => titles(await user.get(`${GRAPHS}?${filter}`));

describe('the backup status of listed graphs', () => {
  it('chooses what is not copied, copied, and verified, as each graph says itself', async () => {
    const user = await app.aUser();
    await aGraph(user, { title: 'verified' });
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    await aGraph(user, { title: 'stored' });
    expect(await copyNow(app)).toBe('done');
    const { id } = await aGraph(user, { title: 'pending' });
    for (const status of ['verified', 'stored', 'pending']) {
      const answer = await user.get(`${GRAPHS}?backup_status=${status}`);
      expect(answer.json<GraphJson[]>()).toMatchObject([{ title: status, backup_status: status }]);
      expect(answer.headers.get('x-total-count')).toBe('1');
    }
    expect(await found(user, 'backup_status=pending&q=stored')).toEqual([]);
    await user.delete(`${GRAPHS}/${id}`);
    expect(await found(user, 'backup_status=pending')).toEqual([]);
    expect(await found(user, 'backup_status=pending&deleted=only')).toEqual(['pending']);
  });
});

describe('the source of listed graphs', () => {
  let server: FlowServer;
  beforeEach(async () => {
    server = await FlowServer.start();
  });
  afterEach(() => server.close());

  const aFlowSource = (user: ApiClient) =>
    aSource(user, { kind: 'http', options: FLOW_OPTIONS, url: server.url });

  it('chooses what a source fills, and what none fills', async () => {
    const user = await app.aUser();
    await aGraph(user, { title: 'by hand' });
    server.put('one', '{"v":1}', 'One');
    const first = await aFlowSource(user);
    server.flows.delete('one');
    server.put('two', '{"v":2}', 'Two');
    const second = await aFlowSource(user);
    expect(await found(user, `source=${first.id}`)).toEqual(['One']);
    expect(await found(user, `source=${second.id}`)).toEqual(['Two']);
    expect(await found(user, 'source=none')).toEqual(['by hand']);
    expect(await found(user, `source=${second.id}&q=one`)).toEqual([]);
    const counted = await user.get(`${GRAPHS}?source=none&limit=1&skip=1`);
    expect(counted.headers.get('x-total-count')).toBe('1');
    await user.delete(`${SOURCES}/${first.id}`);
    expect(await found(user, `source=${first.id}`)).toEqual([]);
    expect(await found(user, 'source=none')).toEqual(['One', 'by hand']);
  });

  it('says nothing about the sources of others', async () => {
    const [owner, stranger] = [await app.aUser(), await app.aUser()];
    server.put('one', '{"v":1}', 'One');
    const { id } = await aFlowSource(owner);
    await aGraph(stranger, { title: 'mine' });
    expect(await found(stranger, `source=${id}`)).toEqual([]);
    expect(await found(stranger, 'source=none')).toEqual(['mine']);
  });
});

it.each([
  ['backup_status', 'lost'],
  ['backup_status', ''],
  ['source', 'any'],
  ['source', ''],
  ['source', "' OR 1 = 1"],
])('refuses %s=%s', async (name, value) => {
  const user = await app.aUser();
  expectFaults(await user.get(`${GRAPHS}?${new URLSearchParams({ [name]: value }).toString()}`), [name]);
});
