import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { killedAt } from '../support/kill';
import { aSource, itemsOf, sync, type SourceJson } from '../support/sources';
import { FakeNodeRed } from '../support/tools/fake-node-red';

/** A push stores the state of the tool, notes that it starts, writes to the tool, and stores what it has then. */
const STATEMENTS = [1, 5, 9, 14];
/** Killed by the tool, which has stored what came and does not answer. */
const UNANSWERED = 0;
const DAY_MINUTES = 1_440;
const TAB = { id: 't1', type: 'tab', label: 'Intake' };
const flows = (name: string) => [TAB, { id: 'i1', type: 'inject', z: 't1', name, wires: [[]] }];

interface Case {
  statement: number;
  tool: FakeNodeRed;
  user: ApiClient;
  source: SourceJson;
  graph: GraphJson;
}

let app: TestApp;
let cases: Case[];
beforeAll(async () => {
  app = await startApp();
  cases = [];
});
afterAll(async () => {
  for (const { tool } of cases) await tool.close();
  await app.close();
});

async function aCase(statement: number): Promise<Case> {
  const tool = await FakeNodeRed.start();
  tool.users.clear();
  tool.deploy(flows('good'));
  const user = await app.aUser();
  const source = await aSource(user, { kind: 'node-red', url: tool.url, every_minutes: DAY_MINUTES });
  tool.deploy(flows('broken'));
  await sync(user, source.id);
  // This one was not read.
  tool.deploy(flows('unread'));
  const [graph] = (await user.get(GRAPHS)).json<GraphJson[]>();
  return { statement, tool, user, source, graph: graph! };
}

function killAfterWrite({ tool }: FakeNodeRed, kill: () => void): void {
  const { handle } = tool;
  tool.handle = async (call) => {
    const answer = await handle(call);
    if (`${call.method} ${call.url}` === 'POST /flows') kill();
    return answer;
  };
}

it('a push that is killed at any statement loses no state of the tool, and leaves a trace if it has written', async () => {
  for (const statement of [...STATEMENTS, UNANSWERED]) cases.push(await aCase(statement));
  await app.stop();
  for (const { statement, user, graph, tool } of cases)
    await killedAt(app.place, { from: 'INTO journal', statement }, (child) => {
      if (statement === UNANSWERED) killAfterWrite(tool, () => child.process.kill('SIGKILL'));
      const body = { version: 1, if_drifted: 'overwrite' };
      return new ApiClient(child.url, user.token).post(`${GRAPHS}/${graph.id}/push`, body);
    });

  const again = await startApp({}, app.place);
  try {
    for (const { statement, tool, user, source, graph } of cases) {
      const isWritten = JSON.stringify(tool.flows) === JSON.stringify(flows('good'));
      if (statement === UNANSWERED || statement === 1) expect(isWritten).toBe(statement === UNANSWERED);
      const owner = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
      expect(await sync(owner, source.id)).toMatchObject({ status: 'done', gone: 0, failed: 0 });
      const versions = (await versionsOf(owner, graph.id)).reverse();
      const names = versions.map(async ({ version }) => {
        const { configBytes } = await owner.get(`${GRAPHS}/${graph.id}/versions/${version}`);
        return /"name":"(\w+)"/.exec(configBytes.toString())![1];
      });
      expect(await Promise.all(names)).toEqual(['good', 'broken', 'unread', ...(isWritten ? ['good'] : [])]);
      expect(await itemsOf(owner, source.id)).toMatchObject([{ state: 'synced' }]);
      const audit = (await owner.get('/api/v1/audit')).text;
      if (isWritten) expect(audit).toContain('source.push_started');
    }
  } finally {
    await again.stop();
  }
});
