import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import { ConnectorError } from '../../src/sources/connectors/connector-errors';
import { COMMON_OPTIONS, withDefaults } from '../../src/sources/domain/fields';
import type { ConnectorFake } from '../support/tools/connector-case';
import { CONNECTOR_FAKES } from '../support/tools/connector-fakes';
import { FakeTool, type ToolAnswer } from '../support/tools/fake-tool';

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);
const REMOTE = CONNECTOR_FAKES.filter(({ connector }) => !connector.isLocal);
/** What the fakes take as their credentials. */
const LET_IN = { authorization: 'Bearer right', 'x-api-key': 'right', 'x-n8n-api-key': 'right' };

const THING = { id: '1', name: 'A thing' };
/** Servers that answer the same at every address, as a catch-all route of another program does. */
const SERVERS: Array<[name: string, answer: ToolAnswer]> = [
  ['lists other things', { json: [THING] }],
  [
    'lists other things in an object',
    { json: { data: [THING], items: [THING], total: 1, nextCursor: null } },
  ],
  ['lists other things with a version', { json: { version: '1.0.0', data: [THING], flows: [THING] } }],
  ['answers an empty list', { json: [] }],
  ['answers an empty object', { json: {} }],
  ['answers a text', { json: 'OK' }],
];

describe.each(REMOTE)('$name', ({ connector, ...tool }) => {
  let fake: ConnectorFake;
  beforeAll(async () => {
    fake = await tool.start();
  });
  afterAll(() => fake.close());

  /** Reads the whole list of another server: a sentence, and no page, for graphs that are not on one would be called gone. */
  const expectNoList = async (server: FakeTool) => {
    const http = outbound.open({ verifyTls: true });
    let pages = 0;
    const error = await (async () => {
      const session = await connector.connect({
        url: server.url,
        options: withDefaults({ ...COMMON_OPTIONS, ...connector.options }, fake.options),
        credentials: fake.credentials,
        http,
        signal: new AbortController().signal,
        limits: { documentBytes: 65_536, answerBytes: 65_536, folders: [] },
        scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
      });
      for await (const page of session.list()) pages += page ? 1 : 0;
    })()
      .catch((failed: unknown) => failed)
      .finally(() => http.close());
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as Error).message).toMatch(/^\S.* .*\.$/);
    expect(pages).toBe(0);
    return (error as Error).message;
  };

  it.each(REMOTE.filter((other) => other.connector.kind !== connector.kind))(
    'refuses a server that is: $name',
    async (other) => {
      const elsewhere = await other.start();
      try {
        await elsewhere.put('one', 1);
        const server = elsewhere.tool!;
        const { handle } = server;
        // As one that lets everybody in: it would refuse the credentials of this tool.
        server.handle = (call) => handle({ ...call, headers: { ...call.headers, ...LET_IN } });
        await expectNoList(server);
      } finally {
        await elsewhere.close();
      }
    },
  );

  // The generic connector reads any list.
  if (connector.kind !== 'http')
    it.each(SERVERS)('refuses a server that %s at every address', async (_, answer) => {
      const server = await FakeTool.start(() => answer);
      try {
        expect(await expectNoList(server)).toMatch(/Check the address/);
      } finally {
        await server.close();
      }
    });
});
