import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { ownMember } from '../../platform/hardening/own-member';
import { isV2 } from './grafana-v2';

/*
 * The same dashboard in the classic form and in schema v2, in one form in which they can be compared. Written after
 * what Grafana's own conversion keeps: panels with their queries, rows, variables, annotations and the settings of the
 * dashboard. Tabs become rows, because the classic form has none.
 */

/** What one of the forms stores elsewhere, or not at all. */
const OF_ONE_FORM = new Set(['id', 'uid', 'version', 'schemaVersion', 'iteration', 'style', 'gnetId']);
const CONVERTED = new Set(['panels', 'templating', 'annotations']);
const OF_V2 = new Set(['elements', 'layout', 'variables', 'annotations', 'timeSettings', 'cursorSync']);
const OF_VARIABLE = ['name', 'type', 'label', 'multi', 'includeAll', 'regex', 'skipUrlSync'] as const;
const OF_ANNOTATION = ['name', 'enable', 'hide', 'iconColor'] as const;
const CURSOR = ['Off', 'Crosshair', 'Tooltip'];
const HIDE = ['dontHide', 'hideLabel', 'hideVariable'];
const ROW_HEIGHT = 1;
const GRID_COLUMNS = 24;

/** The dashboard in the form in which both forms can be compared. */
export function comparableForm(dashboard: JsonObject): JsonObject {
  return isV2(dashboard) ? fromV2(dashboard) : fromClassic(dashboard);
}

function fromClassic(dashboard: JsonObject): JsonObject {
  return withoutEmpty({
    ...without(without(dashboard, OF_ONE_FORM), CONVERTED),
    panels: listOf(dashboard.panels).filter(isObject).map(classicPanel),
    variables: listOf(objectOf(dashboard.templating).list).filter(isObject).map(variable),
    annotations: listOf(objectOf(dashboard.annotations).list).filter(isObject).map(annotation),
  });
}

function classicPanel(panel: JsonObject): JsonObject {
  const targets = listOf(panel.targets)
    .filter(isObject)
    .map((target) => withoutEmpty({ ...target, datasource: target.datasource ?? panel.datasource ?? null }));
  const inside = listOf(panel.panels).filter(isObject).map(classicPanel);
  return withoutEmpty({ ...without(panel, new Set(['datasource'])), targets, panels: inside });
}

function fromV2(dashboard: JsonObject): JsonObject {
  const time = objectOf(dashboard.timeSettings);
  const { from, to, autoRefresh, autoRefreshIntervals, ...others } = time;
  return withoutEmpty({
    ...without(dashboard, OF_V2),
    ...without(others, new Set(['hideTimepicker', 'quickRanges'])),
    time: withoutEmpty({ from: from ?? null, to: to ?? null }),
    timepicker: withoutEmpty({
      refresh_intervals: autoRefreshIntervals ?? null,
      hidden: others.hideTimepicker ?? null,
      quick_ranges: others.quickRanges ?? null,
    }),
    refresh: autoRefresh ?? null,
    graphTooltip: Math.max(0, CURSOR.indexOf(textOf(dashboard.cursorSync) ?? '')),
    panels: new Grid(objectOf(dashboard.elements)).panels(objectOf(dashboard.layout), 0).panels,
    variables: listOf(dashboard.variables).filter(isObject).map(variableOfV2),
    annotations: listOf(dashboard.annotations)
      .filter(isObject)
      .map(({ spec }) => annotation(objectOf(spec))),
  });
}

/** Panels at their places, which begin again in each row of schema v2. */
class Grid {
  constructor(private readonly elements: JsonObject) {}

  panels(layout: JsonObject, top: number): { panels: JsonObject[]; bottom: number } {
    const spec = objectOf(layout.spec);
    const panels: JsonObject[] = [];
    let bottom = top;
    for (const item of listOf(spec.items).filter(isObject)) {
      const place = objectOf(item.spec);
      const name = textOf(objectOf(place.element).name);
      if (item.kind === 'GridLayoutRow' || name === undefined) continue;
      const y = top + (numberOf(place.y) ?? 0);
      panels.push(this.panel(objectOf(ownMember(this.elements, name)), { ...place, y }));
      bottom = Math.max(bottom, y + (numberOf(place.height) ?? 0));
    }
    for (const part of [...listOf(spec.rows), ...listOf(spec.tabs)].filter(isObject)) {
      const row = objectOf(part.spec);
      const inner = this.panels(objectOf(row.layout), bottom + ROW_HEIGHT);
      const folded = row.collapse === true;
      const gridPos = { x: 0, y: bottom, w: GRID_COLUMNS, h: ROW_HEIGHT };
      const own = { type: 'row', title: row.title ?? null, collapsed: row.collapse ?? null, gridPos };
      panels.push(
        withoutEmpty({ ...own, panels: folded ? inner.panels : [] }),
        ...(folded ? [] : inner.panels),
      );
      bottom = folded ? bottom + ROW_HEIGHT : inner.bottom;
    }
    return { panels, bottom };
  }

  private panel(element: JsonObject, { x, y, width, height, repeat }: JsonObject): JsonObject {
    const spec = objectOf(element.spec);
    const gridPos = { x: x ?? null, y: y ?? null, w: width ?? null, h: height ?? null };
    const { mode, value, direction, maxPerRow } = objectOf(repeat);
    const repeated = mode === 'variable' ? { repeat: value, repeatDirection: direction, maxPerRow } : {};
    const { id, title, description, transparent, links, libraryPanel } = spec;
    const shown = { id, title, description, transparent, links, libraryPanel, gridPos, ...repeated };
    return withoutEmpty({ ...defined(shown), ...queriesOf(spec), ...visualOf(spec) });
  }
}

function visualOf(spec: JsonObject): JsonObject {
  const visual = objectOf(spec.vizConfig);
  const { options, fieldConfig, pluginVersion } = objectOf(visual.spec);
  const type = visual.group ?? visual.kind;
  return defined({ type, pluginVersion: visual.version ?? pluginVersion, options, fieldConfig });
}

function queriesOf(spec: JsonObject): JsonObject {
  const data = objectOf(objectOf(spec.data).spec);
  return {
    ...objectOf(data.queryOptions),
    targets: listOf(data.queries).filter(isObject).map(target),
    transformations: listOf(data.transformations)
      .filter(isObject)
      .map(({ kind, group, spec: own }) => defined({ id: group ?? kind, ...objectOf(own) })),
  };
}

function target({ spec }: JsonObject): JsonObject {
  const { refId, hidden, query, datasource } = objectOf(spec);
  const { kind, group, datasource: named, spec: own } = objectOf(query);
  const source = { ...objectOf(datasource), ...objectOf(named) };
  const uid = source.name ?? source.uid;
  const of = uid === undefined ? undefined : defined({ type: group ?? source.type ?? kind, uid });
  return withoutEmpty(defined({ ...objectOf(own), refId, hide: hidden, datasource: of }));
}

function variable(own: JsonObject): JsonObject {
  const query = typeof own.query === 'string' ? { __legacyStringValue: own.query } : own.query;
  return withoutEmpty(defined({ ...pick(own, OF_VARIABLE), query, hide: own.hide }));
}

function variableOfV2({ kind, spec }: JsonObject): JsonObject {
  const own = objectOf(spec);
  const type = (textOf(kind) ?? '').replace(/Variable$/, '').toLowerCase();
  const query = isObject(own.query) ? own.query.spec : variable({ query: own.query ?? null }).query;
  const hide = Math.max(0, HIDE.indexOf(textOf(own.hide) ?? ''));
  return withoutEmpty(defined({ ...pick(own, OF_VARIABLE), type, query, hide }));
}

function annotation(own: JsonObject): JsonObject {
  return withoutEmpty(pick(own, OF_ANNOTATION));
}

function pick(own: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = ownMember(own, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function defined(members: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined),
  );
}

/** Without what a form may leave out: nothing, no, 0 and empty. */
function withoutEmpty(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmptyValue(value)));
}

function isEmptyValue(value: Json): boolean {
  if (value === null || value === '' || value === false || numberOf(value) === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
