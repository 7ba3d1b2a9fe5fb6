import { GrafanaConnector } from '../../../src/sources/connectors/grafana/grafana.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool, type ToolAnswer } from './fake-tool';

interface Dashboard {
  content: number;
  saves: number;
}

const SETTINGS = { namespace: 'org-2', buildInfo: { version: '13.3.0' } };

/** A case that serves dashboards; `answer` gets the path behind the checks that all Grafanas have. */
function grafanaCase(
  name: string,
  documentOf: (uid: string, dashboard: Dashboard) => string,
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
        const dashboard = { content, saves: (all.get(uid)?.saves ?? 0) + 1 };
        all.set(uid, dashboard);
        return dashboard;
      };
      return {
        tool,
        url: tool.url,
        options: {},
        credentials: { token: 'right' },
        wrongCredentials: { token: 'wrong-secret' },
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

const classic = (uid: string, { content }: Dashboard) =>
  `{"title":"Board ${uid}","uid":"${uid}","panels":[{"type":"text","n": ${content}.0}]}`;
const legacyText = (uid: string, dashboard: Dashboard) =>
  `{"meta":{"updated":"2026-11-25T10:00:0${dashboard.saves}Z"},"dashboard":{"id":${dashboard.saves},${classic(uid, dashboard).slice(1, -1)},"version":${dashboard.saves}}}`;

/** Grafana 11, which has `/api` alone. */
export const GRAFANA_LEGACY_CASE = grafanaCase('grafana 11', classic, (path, query, all) => {
  const uid = /^\/api\/dashboards\/uid\/([^/]+)$/.exec(path)?.[1];
  const dashboard = uid === undefined ? undefined : all.get(uid);
  if (uid !== undefined) return dashboard && { body: legacyText(uid, dashboard) };
  if (path !== '/api/search' || query.get('type') !== 'dash-db') return undefined;
  return { json: [...all.keys()].map((key) => ({ id: 1, uid: key, title: `Board ${key}`, tags: [] })) };
});

const V2 = 'dashboard.grafana.app/v2';
const resource = (uid: string, { content }: Dashboard) =>
  `{"kind":"Dashboard","apiVersion":"${V2}","metadata":{"name":"${uid}","annotations":{"grafana.app/folder":"f1"}},"spec":{"title":"Board ${uid}","elements":{},"layout":{"n": ${content}.0}}}`;
const stored = (uid: string, dashboard: Dashboard) =>
  resource(uid, dashboard)
    .replace('"name"', `"resourceVersion":"${dashboard.saves}","generation":${dashboard.saves},"name"`)
    .replace(
      '"grafana.app/folder"',
      `"grafana.app/updatedTimestamp":"2026-11-25T10:00:0${dashboard.saves}Z","grafana.app/folder"`,
    )
    .replace(/\}$/, ',"status":{}}');
const converted = (uid: string, { saves }: Dashboard) =>
  `{"metadata":{"name":"${uid}","resourceVersion":"${saves}"},"spec":{"title":"Board ${uid}","panels":[]},"status":{"conversion":{"failed":true,"storedVersion":"v2"}}}`;

/** Grafana 13 with dashboards that are stored as v2: asked for as v1, they come without their layout. */
export const GRAFANA_RESOURCE_CASE = grafanaCase('grafana 13', resource, (path, _query, all) => {
  if (path === '/apis/dashboard.grafana.app')
    return { json: { versions: [{ version: 'v2' }, { version: 'v1' }, { version: 'v0alpha1' }] } };
  const [, version, uid] =
    /^\/apis\/dashboard\.grafana\.app\/(v\d\w*)\/namespaces\/org-2\/dashboards(?:\/([^/]+))?$/.exec(path) ??
    [];
  if (version === undefined) return undefined;
  const dashboard = uid === undefined ? undefined : all.get(uid);
  if (uid !== undefined)
    return dashboard && { body: version === 'v2' ? stored(uid, dashboard) : converted(uid, dashboard) };
  const items = [...all].map(([key, value]) => converted(key, value));
  return { body: `{"metadata":{"continue":""},"items":[${items.join(',')}]}` };
});
