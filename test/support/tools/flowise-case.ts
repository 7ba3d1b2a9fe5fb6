import { FlowiseConnector } from '../../../src/sources/connectors/flowise/flowise.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool } from './fake-tool';

const DATES = (saves: number) =>
  `"createdDate":"2026-11-25T19:20:41.000Z","updatedDate":"2026-11-25T19:20:${String(10 + saves)}.000Z"`;

/** The `flowise` connector against a fake that answers as Flowise 3.1.4 was recorded. */
export const FLOWISE_CASE: ConnectorCase = {
  name: 'flowise',
  connector: new FlowiseConnector(),
  start: async () => {
    const flows = new Map<string, { content: number; saves: number }>();
    const flowData = (content: number, zoom: number) =>
      JSON.stringify(
        `{"nodes":[{"id":"a_0","position":{"x":1,"y":2},"selected":${zoom % 2 === 0},"data":{"inputs":{"n":${content}}}}],"edges":[],"viewport":{"x":0,"y":0,"zoom":${zoom}}}`,
      );
    const documentOf = (id: string, content: number, saves: number) =>
      `{"id":"${id}","name":"Flow ${id}","flowData":${flowData(content, saves)},"deployed":false,"type":"CHATFLOW"}`;
    const textOf = (id: string, { content, saves }: { content: number; saves: number }) =>
      documentOf(id, content, saves).replace(/\}$/, `,${DATES(saves)},"workspaceId":"w-${saves}"}`);
    const tool = await FakeTool.start(({ url, headers }) => {
      const { pathname, searchParams } = new URL(url, 'http://flowise');
      if (pathname === '/api/v1/version') return { json: { version: '3.1.4' } };
      if (headers.authorization !== 'Bearer right')
        return { status: 401, json: { error: 'Unauthorized Access' } };
      const id = /^\/api\/v1\/chatflows\/([^/]+)$/.exec(pathname)?.[1];
      const flow = id === undefined ? undefined : flows.get(id);
      if (id !== undefined) return flow && { body: textOf(id, flow) };
      if (pathname !== '/api/v1/chatflows') return undefined;
      const size = Number(searchParams.get('limit'));
      const from = (Number(searchParams.get('page')) - 1) * size;
      const page = [...flows].slice(from, from + size).map(([key, value]) => textOf(key, value));
      return { body: `{"data":[${page.join(',')}],"total":${flows.size}}` };
    });
    const save = (name: string, content: number) => {
      const saves = (flows.get(name)?.saves ?? 0) + 1;
      flows.set(name, { content, saves });
      return saves;
    };
    return {
      tool,
      url: tool.url,
      options: {},
      credentials: { api_key: 'right' },
      wrongCredentials: { api_key: 'wrong-secret' },
      put: (name, content) => {
        const saves = save(name, content);
        return { remoteId: name, title: `Flow ${name}`, config: documentOf(name, content, saves) };
      },
      touch: (name) => void save(name, flows.get(name)!.content),
      remove: (name) => void flows.delete(name),
      close: () => tool.close(),
    };
  },
};
