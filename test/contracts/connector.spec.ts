import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import { OutboundError } from '../../src/platform/outbound/outbound-error';
import {
  HISTORY_MAX,
  type ConnectorSession,
  type ListedGraph,
  type PastGraph,
} from '../../src/sources/connectors/connector';
import { ConnectorError, RemoteGoneError } from '../../src/sources/connectors/connector-errors';
import { CONNECTORS } from '../../src/sources/connectors/connectors';
import { COMMON_OPTIONS, checkFields, withDefaults, type Fields } from '../../src/sources/domain/fields';
import { CONNECTOR_FAKES } from '../support/tools/connector-fakes';
import type { ConnectorCase, ConnectorFake } from '../support/tools/connector-case';
import { RealN8n, realN8nCase } from '../support/tools/real-n8n';
import type { FakeTool } from '../support/tools/fake-tool';

const CASES: readonly ConnectorCase[] = [
  ...CONNECTOR_FAKES,
  // With `npm run try:n8n`.
  ...(RealN8n.folder === undefined ? [] : [realN8nCase()]),
];

const ANSWER_BYTES = 64 * 1024;
const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);

it('has a case for each connector', () => {
  expect([...new Set(CASES.map(({ connector }) => connector.constructor))]).toEqual(
    expect.arrayContaining([...CONNECTORS]),
  );
});

describe.each(CASES)('$name', ({ connector, ...tool }) => {
  let fake: ConnectorFake;
  const open: Array<{ close(): void }> = [];
  // A real tool starts slowly.
  beforeEach(async () => {
    fake = await tool.start();
  }, 330_000);
  afterEach(async () => {
    for (const session of open.splice(0)) session.close();
    await fake.close();
  });
  afterAll(() => tool.end?.());

  const connect = (credentials: Fields = fake.credentials): Promise<ConnectorSession> => {
    const http = outbound.open({ verifyTls: true });
    open.push(http);
    return connector.connect({
      url: fake.url,
      options: withDefaults({ ...COMMON_OPTIONS, ...connector.options }, fake.options),
      credentials,
      http,
      signal: new AbortController().signal,
      limits: { documentBytes: ANSWER_BYTES, answerBytes: ANSWER_BYTES, folders: [fake.url] },
      scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
    });
  };
  const listOf = async (session: ConnectorSession): Promise<ListedGraph[]> => {
    const all: ListedGraph[] = [];
    for await (const page of session.list()) all.push(...page);
    return all;
  };
  const stateOf = async (remoteId: string) => {
    const session = await connect();
    const listed = (await listOf(session)).find((item) => item.remoteId === remoteId)!;
    const graph = listed.graph ?? (await session.read(listed));
    return { listed, graph, fingerprint: connector.fingerprint(graph.config).toString('hex') };
  };
  /** What reading everything fails with. */
  const failure = async (credentials?: Fields): Promise<Error & { retryAfter?: number }> => {
    try {
      const session = await connect(credentials);
      for (const item of await listOf(session)) if (!item.graph) await session.read(item);
    } catch (error) {
      if (error instanceof ConnectorError || error instanceof OutboundError) return error;
      throw error;
    }
    throw new Error('Nothing failed.');
  };

  it('declares its fields so that the fake’s own are valid', () => {
    expect(checkFields({ ...COMMON_OPTIONS, ...connector.options }, fake.options)).toEqual([]);
    expect(checkFields(connector.credentials, fake.credentials)).toEqual([]);
    for (const rule of Object.values({ ...connector.options, ...connector.credentials }))
      expect(rule.about).toMatch(/\.$/);
  });

  it('lists and reads every graph, byte for byte', async () => {
    const put = [await fake.put('one', 1), await fake.put('two', 2)];
    // A tool with one document has the last state only.
    for (const { remoteId, title, config } of new Map(put.map((one) => [one.remoteId, one])).values()) {
      const { listed, graph } = await stateOf(remoteId);
      expect({ title: listed.title, config: graph.config.toString() }).toEqual({ title, config });
      const again = await (await connect()).read({ remoteId });
      expect(again.config.equals(graph.config)).toBe(true);
    }
  });

  it('has the same fingerprint after a save without a change, another one after a change', async () => {
    const { remoteId } = await fake.put('one', 1);
    const before = await stateOf(remoteId);
    await fake.touch('one');
    expect((await stateOf(remoteId)).fingerprint).toBe(before.fingerprint);
    await fake.put('one', 2);
    const after = await stateOf(remoteId);
    expect(after.fingerprint).not.toBe(before.fingerprint);
    if (before.listed.signal !== null) expect(after.listed.signal).not.toBe(before.listed.signal);
  });

  it('reads the earlier states of a graph, oldest first, byte for byte, with their times', async () => {
    await fake.put('other', 9);
    const put = [await fake.put('one', 1), await fake.put('one', 2), await fake.put('one', 3)];
    const session = await connect();
    expect(session.history !== undefined).toBe(fake.hasHistory ?? false);
    if (!session.history) return;
    const listed = (await listOf(session)).find(({ remoteId }) => remoteId === put[0]!.remoteId)!;
    const { changedAt: present } = await session.read(listed);
    const past: PastGraph[] = [];
    for await (const state of session.history(listed)) past.push(state);
    // The last one may be the present state, where the tool keeps that in its history, too.
    const texts = past.map(({ config }) => config.toString());
    expect(texts.slice(0, 2)).toEqual([put[0]!.config, put[1]!.config]);
    expect([[], [put[2]!.config]]).toContainEqual(texts.slice(2));
    const times = past.map(({ changedAt }) => changedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(times.length);
    expect(times[1]).toBeLessThan(present!);
  });

  it('reads the newest earlier states only, if there are many', async () => {
    if (!fake.hasHistory || !fake.tool) return;
    const put = [];
    for (let content = 1; content <= HISTORY_MAX + 20; content += 1) put.push(await fake.put('one', content));
    const session = await connect();
    const [listed] = await listOf(session);
    const texts: string[] = [];
    for await (const { config } of session.history!(listed!)) texts.push(config.toString());
    expect(texts.length).toBeLessThanOrEqual(HISTORY_MAX);
    // With the present state or without it.
    const until = texts.at(-1) === put.at(-1)!.config ? put.length : put.length - 1;
    expect(texts).toEqual(put.slice(until - HISTORY_MAX, until).map(({ config }) => config));
  });

  it('ends although the list of earlier states does not', async () => {
    await fake.put('one', 1);
    const { tool } = fake;
    if (!fake.hasHistory || !tool) return;
    const session = await connect();
    const [listed] = await listOf(session);
    const { handle } = tool;
    const endless = { ...{ data: [{}], nextCursor: 'x', items: [{}], metadata: { continue: 'x' } } };
    const json = { ...endless, versions: new Array(50).fill({}), entries: new Array(100).fill({}) };
    tool.handle = (call) => (/history|\/versions/.test(call.url) ? { json } : handle(call));
    for await (const past of session.history!(listed!)) expect(past).toBeUndefined();
    expect(tool.calls.length).toBeLessThan(2 * HISTORY_MAX);
  });

  it('does not list what is gone, and says so when it is read', async () => {
    const { remoteId } = await fake.put('one', 1);
    const other = await fake.put('two', 1);
    if (other.remoteId === remoteId) return; // A tool with one document.
    await fake.remove('one');
    const session = await connect();
    expect((await listOf(session)).map((item) => item.remoteId)).toEqual([other.remoteId]);
    await expect(session.read({ remoteId })).rejects.toBeInstanceOf(RemoteGoneError);
  });

  it('says that the credentials are refused, without them', async () => {
    await fake.put('one', 1);
    if (!fake.wrongCredentials) return; // A tool without credentials.
    const { message } = await failure(fake.wrongCredentials);
    expect(message).toMatch(/credentials/);
    for (const value of Object.values(fake.wrongCredentials)) expect(message).not.toContain(String(value));
  });

  const onServer = (name: string, act: (tool: FakeTool) => void, expected: RegExp) =>
    it(`fails with a sentence if the server ${name}`, async () => {
      await fake.put('one', 1);
      if (!fake.tool) return; // A connector that reads no server.
      act(fake.tool);
      expect((await failure()).message).toMatch(expected);
    });
  const answering =
    (status: number, type: string, body: string, more: Record<string, string> = {}) =>
    (tool: FakeTool) => {
      tool.handle = () => ({ status, body, headers: { 'content-type': type, ...more } });
    };

  onServer('answers in HTML', answering(200, 'text/html', '<html>Sign in</html>'), /does not answer in JSON/);
  onServer('answers nothing', answering(200, 'application/json', ''), /does not answer in JSON/);
  onServer('answers other JSON', answering(200, 'application/json', '{"hello":"world"}'), /\./);
  onServer('answers JSON of another shape', answering(200, 'application/json', '[{"a":1},2,null]'), /\./);
  onServer('answers a number', answering(200, 'application/json', '7'), /\./);
  onServer(
    'answers broken JSON',
    answering(200, 'application/json', '{"flows":[{'),
    /does not answer in JSON/,
  );
  onServer('reports an error', answering(500, 'text/plain', 'secret stack'), /error of its own \(500\)/);
  onServer('forbids', answering(403, 'application/json', '{}'), /does not permit/);
  onServer('knows nothing there', answering(404, 'text/plain', 'no'), /404/);
  onServer('redirects', answering(302, 'text/plain', '', { location: '/login' }), /redirects/);
  onServer(
    'compresses',
    answering(200, 'application/json', '[]', { 'content-encoding': 'gzip' }),
    /compress/,
  );
  onServer(
    'closes in the middle of the body',
    (tool) => {
      tool.raw = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"flows":[', () => response.destroy());
      };
    },
    /closed the connection/,
  );
  onServer(
    'sends without end',
    (tool) => {
      tool.raw = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(16 * 1024, ' ');
        const more = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(more)));
        more();
      };
    },
    /in one answer, which is the limit/,
  );

  it('says when to come back if the server is asked too often', async () => {
    await fake.put('one', 1);
    if (!fake.tool) return;
    fake.tool.handle = () => ({ status: 429, json: {}, headers: { 'retry-after': '77' } });
    const error = await failure();
    expect(error.message).toMatch(/asked too often/);
    expect(error.retryAfter).toBe(77);
  });
});
