import { LangflowConnector } from '../../../src/sources/connectors/langflow/langflow.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool } from './fake-tool';

/** The `langflow` connector against a fake that answers as the source of Langflow 1 says. */
export const LANGFLOW_CASE: ConnectorCase = {
  name: 'langflow',
  connector: new LangflowConnector(),
  start: async () => {
    const flows = new Map<string, { content: number; saves: number }>();
    const documentOf = (id: string, content: number, saves: number) =>
      `{"id":"${id}","name":"Flow ${id}","description":"About ${id}","data":{"nodes":[{"id":"A-x","measured":{"width":${saves}},"data":{"n": ${content}.0}}],"edges":[],"viewport":{"zoom":${saves}}},"tags":[]}`;
    const textOf = (id: string, { content, saves }: { content: number; saves: number }) =>
      documentOf(id, content, saves).replace(
        /\}$/,
        `,"updated_at":"2026-11-25T19:20:${10 + saves}+00:00","user_id":"u-1"}`,
      );
    const tool = await FakeTool.start(({ url, headers }) => {
      const { pathname, searchParams } = new URL(url, 'http://langflow');
      if (pathname === '/api/v1/version') return { json: { version: '1.13.0', main_version: '1.13.0' } };
      if (headers['x-api-key'] !== 'right')
        return { status: 403, json: { detail: 'Invalid or missing API key' } };
      const id = /^\/api\/v1\/flows\/([^/]+)$/.exec(pathname)?.[1];
      const flow = id === undefined ? undefined : flows.get(id);
      if (id !== undefined) return flow && { body: textOf(id, flow) };
      if (pathname !== '/api/v1/flows/' || searchParams.get('header_flows') !== 'true') return undefined;
      return { json: [...flows.keys()].map((key) => ({ id: key, name: `Flow ${key}`, folder_id: 'f' })) };
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
