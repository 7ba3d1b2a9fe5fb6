import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import type { OutboundSession } from '../../src/platform/outbound/outbound-session';
import type { ConnectorSession, Push } from '../../src/sources/connectors/connector';
import { PushRefusedError, RemoteGoneError } from '../../src/sources/connectors/connector-errors';
import { N8nConnector } from '../../src/sources/connectors/n8n/n8n.connector';
import { COMMON_OPTIONS, withDefaults, type Fields } from '../../src/sources/domain/fields';
import { FakeN8n } from '../support/tools/n8n-case';

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);
const connector = new N8nConnector();
const SAMPLES = join(__dirname, '..', 'samples', 'n8n');

let n8n: FakeN8n;
let http: OutboundSession;
beforeEach(async () => {
  n8n = await FakeN8n.start();
  http = outbound.open({ verifyTls: true });
});
afterEach(async () => {
  http.close();
  await n8n.tool.close();
});

const connect = (options: Fields = {}): Promise<ConnectorSession> =>
  connector.connect({
    url: n8n.tool.url,
    options: withDefaults({ ...COMMON_OPTIONS, ...connector.options }, options),
    credentials: { api_key: 'right' },
    http,
    signal: new AbortController().signal,
    limits: { documentBytes: 1e6, answerBytes: 1e6, folders: [] },
    scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
  });
const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
};
const nodes = (value: number) => `[{"name":"Start","v": ${value}.0}]`;
const push = (config: string, more: Partial<Push> = {}): Push => ({
  ...{
    remoteId: 'one',
    formerId: 'one',
    title: 'Orders',
    config: Buffer.from(config),
    present: null,
    ...more,
  },
});

it('follows the pages of the list', async () => {
  n8n.pageSize = 2;
  for (const id of ['a', 'b', 'c', 'd', 'e']) n8n.save(id, nodes(1));
  const pages = await all((await connect()).list());
  expect(pages.map((page) => page.map(({ remoteId }) => remoteId))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

it('sees a publication in the list, although n8n keeps the time of the last change', async () => {
  const workflow = n8n.save('one', nodes(1));
  const session = await connect();
  const signal = async () => (await all(session.list())).flat()[0]?.signal;
  const before = await signal();
  workflow.active = true;
  expect(await signal()).not.toBe(before);
});

it('pulls the published version alone, if asked for', async () => {
  const workflow = n8n.save('one', nodes(1));
  const session = await connect({ state: 'published' });
  expect(await all(session.list())).toEqual([[]]);
  await expect(session.read({ remoteId: 'one' })).rejects.toBeInstanceOf(RemoteGoneError);
  workflow.active = true;
  expect((await session.read({ remoteId: 'one' })).config.toString()).toContain(`"nodes":${nodes(1)}`);
});

it('reads the history that n8n has, oldest first, without the present version', async () => {
  for (const value of [1, 2, 3]) n8n.save('one', nodes(value));
  const session = await connect();
  const [[item]] = (await all(session.list())) as [[{ remoteId: string; title: string; signal: null }]];
  const past = await all(session.history!(item));
  expect(past.map(({ config }) => /"nodes":(\[.*?\]),/.exec(config.toString())?.[1])).toEqual([
    nodes(1),
    nodes(2),
  ]);
  expect(past[0]!.changedAt).toBeLessThan(past[1]!.changedAt);
});

describe('a push', () => {
  it('sends what n8n takes of a stored workflow, byte for byte', async () => {
    n8n.save('one', nodes(1));
    const session = await connect();
    const { config } = await session.read({ remoteId: 'one' });
    n8n.save('one', nodes(2));
    expect(await session.push!(push(config.toString()))).toEqual({ remoteId: 'one', warnings: [] });
    expect(n8n.tool.calls.at(-1)?.body.toString()).toBe(
      `{"name":"Workflow one","nodes":${nodes(1)},"connections":{},"settings":{"executionOrder":"v1"}}`,
    );
  });

  it('is planned with a warning of tags only if there are some', async () => {
    n8n.save('one', nodes(1));
    const session = await connect();
    const codes = async (tags: string) => {
      const { warnings } = await session.planPush!(push(`{"nodes":${nodes(1)},"tags":${tags}}`));
      return warnings.map(({ code }) => code);
    };
    expect(await codes('[]')).toEqual([]);
    expect(await codes('[{"id":"1","name":"sales"}]')).toEqual(['tags']);
  });

  it('leaves out a field that this n8n refuses, and says so', async () => {
    n8n.save('one', nodes(1));
    n8n.unknown = ['nodeGroups', 'pinData'];
    const config = `{"name":"Orders","nodes":${nodes(3)},"connections":{},"settings":{},"nodeGroups":[{"id":"g"}],"pinData":{"A":[]}}`;
    const { warnings } = await (await connect()).push!(push(config));
    expect(warnings?.map(({ message }) => message)).toEqual([
      'This n8n does not take "nodeGroups", so it was left out.',
      'This n8n does not take "pinData", so it was left out.',
    ]);
    expect(n8n.workflows.get('one')?.nodes).toBe(JSON.stringify(JSON.parse(nodes(3))));
  });

  it('says nothing of fields that are empty: n8n 1 answers them, and takes none', async () => {
    n8n.save('one', nodes(1));
    n8n.unknown = ['nodeGroups', 'pinData'];
    const config = `{"name":"Orders","nodes":${nodes(3)},"connections":{},"settings":{},"nodeGroups":[ ],"pinData":null}`;
    expect((await (await connect()).push!(push(config))).warnings).toEqual([]);
  });

  it('asks for a draft of a published workflow only, and says where there are none', async () => {
    n8n.save('one', nodes(1));
    const session = await connect();
    const draft = push(`{"nodes":${nodes(2)}}`, { publish: false });
    await session.push!(draft);
    expect(n8n.tool.calls.at(-1)!.url).toBe('/api/v1/workflows/one');
    const { handle } = n8n.tool;
    const message = "Unknown query parameter 'publishIfActive'";
    n8n.tool.handle = (call) =>
      call.url.endsWith('?publishIfActive=false') ? { status: 400, json: { message } } : handle(call);
    n8n.workflows.get('one')!.active = true;
    const present = await session.read({ remoteId: 'one' });
    await expect(session.push!({ ...draft, present })).rejects.toThrow(/keeps no drafts/);
  });

  describe('to an n8n that describes its API', () => {
    const config = `{"name":"Orders","nodes":[{"name":"A","v": 1.0},{"name":"B","colour":"red"}],"connections":{},"settings":{"executionOrder":"v1","binaryMode":"x"},"nodeGroups":[{"id":"g"}],"pinData":{"A": []}}`;
    const sent = `{"name":"Orders","nodes":[{"name":"A","v": 1.0},{"name":"B"}],"connections":{},"settings":{"executionOrder":"v1"},"pinData":{"A": []}}`;
    const described = (name: string) => readFileSync(join(SAMPLES, `openapi-${name}.yml`), 'utf8');
    const refused = ['nodes.*.colour', 'settings.binaryMode', 'nodeGroups'];

    it.each(['by-reference', 'inline'])(
      'leaves out what it does not know, as the plan says (%s)',
      async (name) => {
        n8n.save('one', nodes(1));
        n8n.description = described(name);
        const session = await connect();
        const messages = refused.map((field) => `This n8n does not take "${field}", so it was left out.`);
        const { warnings: planned } = await session.planPush!(push(config));
        expect(planned.map(({ message }) => message)).toEqual(messages);
        const { warnings } = await session.push!(push(config));
        expect(warnings?.map(({ message }) => message)).toEqual(messages);
        const asked = n8n.tool.calls.filter(({ method }) => method === 'PUT');
        expect(asked.map(({ body }) => body.toString())).toEqual([sent]);
        // Asked for once in a session.
        expect(n8n.tool.paths.filter((path) => path.endsWith('openapi.yml'))).toHaveLength(1);
      },
    );

    it('creates with what it takes for a new workflow, and learns from refusals that it does not describe', async () => {
      n8n.description = described('inline');
      n8n.unknown = ['pinData'];
      const { warnings } = await (await connect()).push!(push(config, { remoteId: null }));
      expect(warnings).toHaveLength(4);
      expect(n8n.tool.paths.filter((path) => path.startsWith('POST'))).toHaveLength(2);
    });

    it.each([
      ['HTML', '<html>Sign in</html>'],
      ['half of it', described('inline').slice(0, 600)],
      ['tags of programs', `paths:\n  /workflows/{id}:\n    put:\n      requestBody: !!js/function 'x'\n`],
      [
        'a reference to itself',
        described('by-reference').replace('type: object', "$ref: '#/components/schemas/workflow'"),
      ],
      ['too much', `# ${'x'.repeat(2_100_000)}`],
    ])('does with the fields that all releases take if it answers %s', async (_, text) => {
      n8n.save('one', nodes(1));
      n8n.description = text;
      n8n.unknown = ['nodeGroups'];
      const { warnings } = await (await connect()).push!(push(config));
      expect(warnings?.map(({ code }) => code)).toEqual(['field-refused']);
    });
  });

  it('creates a workflow that is gone, and says that it is not published', async () => {
    const session = await connect();
    const gone = push(`{"nodes":${nodes(1)}}`, { remoteId: null });
    const { action, warnings } = await session.planPush!(gone);
    expect([action, warnings.map(({ code }) => code)]).toEqual(['create', ['inactive']]);
    const { remoteId } = await session.push!(gone);
    expect(n8n.workflows.get(remoteId)).toMatchObject({ name: 'Orders', active: false });
  });

  it('repeats the reason of n8n for a refusal', async () => {
    const refusal = (await connect()).push!(push(`{"nodes":${nodes(1)}}`));
    await expect(refusal).rejects.toThrow(PushRefusedError);
    await expect(refusal).rejects.toThrow('You do not have permission to update this workflow.');
  });
});
