import { LangflowConnector } from '../../../src/sources/connectors/langflow/langflow.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool } from './fake-tool';

const START = Date.UTC(2026, 9, 25, 19);

interface State {
  content: number;
  saves: number;
}

/** The `langflow` connector against a fake that answers as the source of Langflow 1 says. */
export const LANGFLOW_CASE: ConnectorCase = {
  name: 'langflow',
  connector: new LangflowConnector(),
  start: async () => {
    const flows = new Map<string, { content: number; saves: number; past: State[] }>();
    const dataOf = ({ content, saves }: State) =>
      `{"nodes":[{"id":"A-x","measured":{"width":${saves}},"data":{"n": ${content}.0}}],"edges":[],"viewport":{"zoom":${saves}}}`;
    const documentOf = (id: string, state: State) =>
      `{"id":"${id}","name":"Flow ${id}","description":"About ${id}","data":${dataOf(state)},"tags":[]}`;
    const timeOf = ({ saves }: State) =>
      new Date(START + saves * 1_000).toISOString().replace('.000Z', '+00:00');
    const textOf = (id: string, state: State) =>
      documentOf(id, state).replace(/\}$/, `,"updated_at":"${timeOf(state)}","user_id":"u-1"}`);
    /** A version that a person has saved, as its list names it. */
    const entryOf = (state: State) =>
      `"id":"v-${state.saves}","version_number":${state.saves},"created_at":"${timeOf(state)}"`;
    const tool = await FakeTool.start(({ url, headers }) => {
      const { pathname, searchParams } = new URL(url, 'http://langflow');
      if (pathname === '/api/v1/version') return { json: { version: '1.13.0', main_version: '1.13.0' } };
      if (headers['x-api-key'] !== 'right')
        return { status: 403, json: { detail: 'Invalid or missing API key' } };
      const [, id, versions, version] =
        /^\/api\/v1\/flows\/([^/]+)(\/versions\/(?:([^/]+))?)?$/.exec(pathname) ?? [];
      const flow = id === undefined ? undefined : flows.get(id);
      if (id !== undefined && version !== undefined) {
        const state = flow?.past.find(({ saves }) => `v-${saves}` === version);
        return state && { body: `{${entryOf(state)},"data":${dataOf(state)}}` };
      }
      if (id !== undefined && versions !== undefined) {
        const from = Number(searchParams.get('offset'));
        const listed = flow?.past.slice(from, from + Number(searchParams.get('limit'))) ?? [];
        const entries = listed.map((state) => `{${entryOf(state)}}`).join(',');
        return flow && { body: `{"entries":[${entries}],"max_entries":50}` };
      }
      if (id !== undefined) return flow && { body: textOf(id, flow) };
      if (pathname !== '/api/v1/flows/' || searchParams.get('header_flows') !== 'true') return undefined;
      return { json: [...flows.keys()].map((key) => ({ id: key, name: `Flow ${key}`, folder_id: 'f' })) };
    });
    const save = (name: string, content: number) => {
      const before = flows.get(name);
      const state = { content, saves: (before?.saves ?? 0) + 1 };
      flows.set(name, { ...state, past: [state, ...(before?.past ?? [])] });
      return state;
    };
    return {
      tool,
      url: tool.url,
      options: {},
      credentials: { api_key: 'right' },
      wrongCredentials: { api_key: 'wrong-secret' },
      hasHistory: true,
      put: (name, content) => ({
        ...{ remoteId: name, title: `Flow ${name}`, config: documentOf(name, save(name, content)) },
      }),
      touch: (name) => void save(name, flows.get(name)!.content),
      remove: (name) => void flows.delete(name),
      close: () => tool.close(),
    };
  },
};
