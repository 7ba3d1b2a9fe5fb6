import { GrafanaConnector } from '../../../src/sources/connectors/grafana/grafana.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool, type ToolAnswer } from './fake-tool';

interface State {
  content: number;
  saves: number;
}
interface Dashboard extends State {
  /** What was saved before, newest first; the present state is the first. */
  past: State[];
}

const SETTINGS = { namespace: 'org-2', buildInfo: { version: '13.3.0' } };

/** A case that serves dashboards; `answer` gets the path behind the checks that all Grafanas have. */
function grafanaCase(
  name: string,
  documentOf: (uid: string, dashboard: State) => string,
  answer: (path: string, query: URLSearchParams, all: Map<string, Dashboard>) => ToolAnswer | undefined,
): ConnectorCase {
  return {
    name,
    connector: new GrafanaConnector(),
    start: async () => {
      const all = new Map<string, Dashboard>();
      const tool = await FakeTool.start(({ url, headers }) => {
        const { pathname, searchParams } = new URL(url, 'http://grafana');
        if (headers.authorization !== 'Bearer right')
          return { status: 401, json: { message: 'Unauthorized' } };
        if (pathname === '/api/frontend/settings') return { json: SETTINGS };
        return answer(pathname, searchParams, all);
      });
      const save = (uid: string, content: number) => {
        const before = all.get(uid);
        const state = { content, saves: (before?.saves ?? 0) + 1 };
        all.set(uid, { ...state, past: [state, ...(before?.past ?? [])] });
        return state;
      };
      return {
        tool,
        url: tool.url,
        options: {},
        credentials: { token: 'right' },
        wrongCredentials: { token: 'wrong-secret' },
        hasHistory: true,
        put: (uid, content) => ({
          ...{ remoteId: uid, title: `Board ${uid}`, config: documentOf(uid, save(uid, content)) },
        }),
        touch: (uid) => void save(uid, all.get(uid)!.content),
        remove: (uid) => void all.delete(uid),
        close: () => tool.close(),
      };
    },
  };
}

const START = Date.UTC(2026, 9, 25, 10);
const timeOf = ({ saves }: State) => new Date(START + saves * 1_000).toISOString();

const classic = (uid: string, { content }: State) =>
  `{"title":"Board ${uid}","uid":"${uid}","panels":[{"type":"text","n": ${content}.0}]}`;
const numbered = (uid: string, state: State) =>
  `{"id":4,${classic(uid, state).slice(1, -1)},"version":${state.saves}}`;
const legacyText = (uid: string, state: State) =>
  `{"meta":{"updated":"${timeOf(state)}"},"dashboard":${numbered(uid, state)}}`;

/** Grafana 11, which has `/api` alone. */
export const GRAFANA_LEGACY_CASE = grafanaCase('grafana 11', classic, (path, query, all) => {
  const [, uid, versions, version] =
    /^\/api\/dashboards\/uid\/([^/]+)(\/versions(?:\/(\d+))?)?$/.exec(path) ?? [];
  const dashboard = uid === undefined ? undefined : all.get(uid);
  if (uid !== undefined && !dashboard) return undefined;
  if (uid !== undefined && versions !== undefined) {
    const from = Number(query.get('start') ?? 0);
    const past = dashboard!.past.find(({ saves }) => String(saves) === version);
    if (version !== undefined)
      return past && { body: `{"version":${version},"data":${numbered(uid, past)}}` };
    const listed = dashboard!.past.slice(from, from + Number(query.get('limit')));
    return {
      json: { versions: listed.map((state) => ({ version: state.saves, created: timeOf(state) })) },
    };
  }
  if (uid !== undefined) return { body: legacyText(uid, dashboard!) };
  if (path !== '/api/search' || query.get('type') !== 'dash-db') return undefined;
  return { json: [...all.keys()].map((key) => ({ id: 1, uid: key, title: `Board ${key}`, tags: [] })) };
});

const V2 = 'dashboard.grafana.app/v2';
const resource = (uid: string, { content }: State) =>
  `{"kind":"Dashboard","apiVersion":"${V2}","metadata":{"name":"${uid}","annotations":{"grafana.app/folder":"f1"}},"spec":{"title":"Board ${uid}","elements":{},"layout":{"n": ${content}.0}}}`;
const stored = (uid: string, state: State) =>
  resource(uid, state)
    .replace('"name"', `"resourceVersion":"${state.saves}","generation":${state.saves},"name"`)
    .replace('"grafana.app/folder"', `"grafana.app/updatedTimestamp":"${timeOf(state)}","grafana.app/folder"`)
    .replace(/\}$/, ',"status":{}}');
const converted = (uid: string, state: State) =>
  `{"metadata":{"name":"${uid}","resourceVersion":"${state.saves}","annotations":{"grafana.app/updatedTimestamp":"${timeOf(state)}"}},"spec":{"title":"Board ${uid}","panels":[]},"status":{"conversion":{"failed":true,"storedVersion":"v2"}}}`;

/** Grafana 13 with dashboards that are stored as v2: asked for as v1, they come without their layout. */
export const GRAFANA_RESOURCE_CASE = grafanaCase('grafana 13', resource, (path, query, all) => {
  if (path === '/apis/dashboard.grafana.app')
    return { json: { versions: [{ version: 'v2' }, { version: 'v1' }, { version: 'v0alpha1' }] } };
  const [, version, uid] =
    /^\/apis\/dashboard\.grafana\.app\/(v\d\w*)\/namespaces\/org-2\/dashboards(?:\/([^/]+))?$/.exec(path) ??
    [];
  if (version === undefined) return undefined;
  const dashboard = uid === undefined ? undefined : all.get(uid);
  const form = version === 'v2' ? stored : converted;
  const asked = query.get('resourceVersion');
  const state = asked === null ? dashboard : dashboard?.past.find(({ saves }) => String(saves) === asked);
  if (uid !== undefined) return state && { body: form(uid, state) };
  const ofName = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const isHistory = query.get('labelSelector') === 'grafana.app/get-history=true' && ofName !== undefined;
  const items = isHistory
    ? (all.get(ofName)?.past ?? []).map((past) => form(ofName, past))
    : [...all].map(([key, value]) => form(key, value));
  const from = Number(query.get('continue') ?? 0);
  const to = from + Math.min(Number(query.get('limit') ?? 100), 2);
  const next = to < items.length ? String(to) : '';
  return { body: `{"metadata":{"continue":"${next}"},"items":[${items.slice(from, to).join(',')}]}` };
});
