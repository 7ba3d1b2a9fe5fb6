import { diffValues } from '../../src/diff/diff-configs';
import type { Json } from '../../src/diff/json';

type Obj = Record<string, Json>;

const panel = (id: number, title: string, y: number): Obj => ({
  id,
  type: 'timeseries',
  title,
  gridPos: { x: 0, y, w: 12, h: 8 },
  datasource: { type: 'prometheus', uid: 'p' },
  targets: [{ refId: 'A', expr: `rate(${title}[5m])` }],
});
const row: Obj = {
  id: 9,
  type: 'row',
  title: 'More',
  collapsed: false,
  gridPos: { x: 0, y: 8, w: 24, h: 1 },
};
const own = { id: 5, uid: 'abc', version: 3 };
const spec: Obj = {
  title: 'Service',
  tags: ['a'],
  schemaVersion: 39,
  time: { from: 'now-6h', to: 'now' },
  templating: { list: [{ name: 'job', type: 'query' }] },
  panels: [panel(1, 'cpu', 0), row, panel(2, 'memory', 9)],
};

/** The same dashboard as an export, as the answer of the API, and as a resource. */
const FORMS: Record<string, Json> = {
  classic: { ...own, ...spec },
  api: { meta: { slug: 'service' }, dashboard: { ...own, ...spec } },
  v1: { apiVersion: 'dashboard.grafana.app/v1beta1', kind: 'Dashboard', metadata: { name: 'abc' }, spec },
};
/** What each form has that is not the dashboard, by path. */
const AROUND: Record<string, string[]> = {
  classic: [],
  api: ['/meta'],
  v1: ['/apiVersion', '/kind', '/metadata'],
};
const PAIRS = Object.keys(FORMS).flatMap((from) =>
  Object.keys(FORMS)
    .filter((to) => to !== from)
    .map((to) => [from, to] as const),
);
const pathOf: Record<string, string> = { classic: '', api: '/dashboard', v1: '/spec' };

describe('the same dashboard in two forms of Grafana', () => {
  it.each(PAIRS)('%s and %s differ in what is around it, and nothing else', (from, to) => {
    const diff = diffValues(FORMS[from]!, FORMS[to]!);
    const { other_changed, ...graph } = diff.summary;
    expect(diff.dialect).toBe('grafana');
    expect(Object.values(graph).every((count) => count === 0)).toBe(true);
    const withOwn = (form: string) => form !== 'v1';
    const ids = withOwn(from) === withOwn(to) ? [] : Object.keys(own).map((name) => `${pathOf[to]}/${name}`);
    expect(diff.other.map(({ path }) => path).sort()).toEqual(
      [...AROUND[from]!, ...AROUND[to]!, ...ids].sort(),
    );
    expect(other_changed).toBe(diff.other.length);
  });

  it.each(PAIRS)('%s and %s: a changed panel and a changed title are found, at their places', (from, to) => {
    const after = structuredClone(FORMS[to]!) as Obj;
    const dashboard = (to === 'classic' ? after : after[pathOf[to]!.slice(1)]) as Obj;
    dashboard['title'] = 'Another';
    (dashboard['panels'] as Obj[])[2]!['targets'] = [{ refId: 'A', expr: 'up' }];
    const diff = diffValues(FORMS[from]!, after);
    expect(diff.nodes.changed.map(({ name }) => name)).toEqual(['memory']);
    expect(diff.other).toContainEqual({
      path: `${pathOf[to]}/title`,
      changes: [{ op: 'replace', path: '', value: 'Another' }],
    });
  });

  it('equal forms have no difference', () => {
    for (const form of Object.values(FORMS))
      expect(Object.values(diffValues(form, structuredClone(form)).summary).every((n) => n === 0)).toBe(true);
  });
});

it('an n8n workflow and the answer of the API that wraps it differ in the wrapper only', () => {
  const workflow: Obj = {
    name: 'Orders',
    settings: { timezone: 'UTC' },
    nodes: [{ id: 'a', name: 'Start', type: 'n8n-nodes-base.set', position: [0, 0], parameters: {} }],
    connections: {},
  };
  const diff = diffValues(workflow, { data: workflow, count: 1 });
  expect(diff.dialect).toBe('n8n');
  expect(diff.other.map(({ path }) => path)).toEqual(['/count']);
});

describe('the same dashboard in the classic form and in schema v2', () => {
  const query = (expr: string): Json => ({
    kind: 'PanelQuery',
    spec: {
      refId: 'A',
      hidden: false,
      query: {
        kind: 'DataQuery',
        version: 'v0',
        group: 'prometheus',
        datasource: { name: 'p' },
        spec: { expr },
      },
    },
  });
  const element = (id: number, title: string): Json => ({
    kind: 'Panel',
    spec: {
      id,
      title,
      description: '',
      links: [],
      data: {
        kind: 'QueryGroup',
        spec: { queries: [query(`rate(${title}[5m])`)], transformations: [], queryOptions: {} },
      },
      vizConfig: {
        kind: 'VizConfig',
        group: 'timeseries',
        version: '',
        spec: { options: {}, fieldConfig: {} },
      },
    },
  });
  const item = (name: string): Json => ({
    kind: 'GridLayoutItem',
    spec: { x: 0, y: 0, width: 12, height: 8, element: { kind: 'ElementReference', name } },
  });
  const rowOf = (title: string, name: string): Json => ({
    kind: 'RowsLayoutRow',
    spec: { title, collapse: false, layout: { kind: 'GridLayout', spec: { items: [item(name)] } } },
  });
  const v2 = (): Obj => ({
    title: 'Service',
    tags: ['a'],
    editable: false,
    cursorSync: 'Off',
    timeSettings: { from: 'now-6h', to: 'now', autoRefresh: '' },
    variables: [{ kind: 'QueryVariable', spec: { name: 'job', hide: 'dontHide' } }],
    annotations: [],
    links: [],
    elements: { 'panel-1': element(1, 'cpu'), 'panel-2': element(2, 'memory') },
    layout: { kind: 'RowsLayout', spec: { rows: [rowOf('First', 'panel-1'), rowOf('More', 'panel-2')] } },
  });
  const classic = (): Obj => ({
    ...own,
    ...spec,
    panels: [
      { id: 8, type: 'row', title: 'First', collapsed: false, gridPos: { x: 0, y: 0, w: 24, h: 1 } },
      panel(1, 'cpu', 1),
      { ...row, gridPos: { x: 0, y: 9, w: 24, h: 1 } },
      panel(2, 'memory', 10),
    ],
  });
  const resource = (dashboard: Obj): Json => ({
    apiVersion: 'dashboard.grafana.app/v2beta1',
    spec: dashboard,
  });

  it.each([
    ['classic to v2', classic(), v2(), ''],
    ['v2 to classic', v2(), classic(), ''],
    ['classic to a v2 resource', classic(), resource(v2()), '/apiVersion'],
  ])('%s: nothing has changed but the form', (_, from, to, form) => {
    const diff = diffValues(from, to);
    const changed = Object.entries(diff.summary).filter(([, count]) => count > 0);
    expect([diff.dialect, changed]).toEqual(['grafana', [['other_changed', 1]]]);
    expect(diff.other.map(({ path }) => path)).toEqual([form]);
  });

  it('a changed query, a moved panel and a new panel are found', () => {
    const after = v2();
    const elements = after['elements'] as Record<string, Obj>;
    elements['panel-3'] = element(3, 'disk') as Obj;
    elements['panel-2'] = element(2, 'memory') as Obj;
    const data = (elements['panel-2']['spec'] as Obj)['data'] as Obj;
    (data['spec'] as Obj)['queries'] = [query('up')];
    const rows = ((after['layout'] as Obj)['spec'] as Obj)['rows'] as Obj[];
    const items = ((rows[0]!['spec'] as Obj)['layout'] as Obj)['spec'] as Obj;
    items['items'] = [
      { ...(item('panel-1') as Obj), spec: { ...((item('panel-1') as Obj)['spec'] as Obj), x: 12 } },
      item('panel-3'),
    ];
    const diff = diffValues(classic(), after);
    expect(diff.nodes.changed.map(({ name }) => name)).toEqual(['memory']);
    expect(diff.nodes.moved.map(({ name }) => name)).toEqual(['cpu']);
    expect(diff.nodes.added.map(({ name }) => name)).toEqual(['disk']);
    expect(diff.nodes.removed).toEqual([]);
  });
});

it('a row of the oldest form that was renamed when the tool converted it is one change, by what it holds', () => {
  const titles = ['Load', 'Steal', 'Idle'];
  const graphOf = (title: string, more: Obj = {}): Obj => ({ type: 'graph', title, ...more });
  const old: Obj = {
    schemaVersion: 14,
    rows: [
      { title: 'CPU detail', panels: titles.map((title, at) => graphOf(title, { id: at + 1, span: 4 })) },
      {
        title: 'Disk',
        panels: [graphOf('Reads', { id: 4, span: 6 }), graphOf('Writes', { id: 5, span: 6 })],
      },
    ],
  };
  const fold = (id: number, title: string, held: string[], y: number): Obj => ({
    id,
    type: 'row',
    title,
    collapsed: true,
    gridPos: { x: 0, y, w: 24, h: 1 },
    panels: held.map((name, at) =>
      graphOf(name, { id: id + at + 1, gridPos: { x: 8 * at, y: y + 1, w: 8, h: 7 } }),
    ),
  });
  const converted: Obj = {
    schemaVersion: 21,
    panels: [fold(20, 'Processor', titles, 0), fold(30, 'Disk', ['Reads', 'Writes'], 1)],
  };
  const { summary, nodes } = diffValues(old, converted);
  expect(summary).toMatchObject({ nodes_added: 0, nodes_removed: 0 });
  expect(nodes.changed.find(({ name }) => name === 'Processor')?.changes).toContainEqual({
    op: 'replace',
    path: '/title',
    value: 'Processor',
  });
});
