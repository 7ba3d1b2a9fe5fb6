import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import { isV2, PANEL, readV2 } from './grafana-v2';
import type { Dialect, GraphNode, ReadGraph } from './graph';
import type { Scope } from './scope';

const NOT_CONTENT = new Set(['id', 'gridPos', 'panels']);
const NOT_REST = new Set(['panels', 'rows']);

/** Before dashboards had a grid (version 5), a row was 12 spans wide; a span is two columns of today's 24. */
const COLUMNS_PER_SPAN = 2;
const GRID_COLUMNS = 24;
const ROW_PANEL_HEIGHT = 7;

/**
 * Grafana dashboards: `panels` with `gridPos`, folded rows with panels inside, and the older `rows`; `elements` and
 * `layout` of schema v2.
 */
export const grafana: Dialect = {
  name: 'grafana',
  isGraph: (value) =>
    isObject(value) &&
    (isV2(value) || isPanels(value) || listOf(value.rows).some((row) => Array.isArray(objectOf(row).panels))),
  read: (value, scope) =>
    isV2(objectOf(value)) ? readV2(objectOf(value), scope) : readClassic(objectOf(value), scope),
};

function isPanels({ panels, ...others }: JsonObject): boolean {
  if (!Array.isArray(panels) || 'nodes' in others) return false;
  const isPanel = (panel: Json): boolean =>
    isObject(panel) && ('type' in panel || 'gridPos' in panel || 'libraryPanel' in panel);
  return panels.every(isPanel) && (panels.length > 0 || 'schemaVersion' in others || 'title' in others);
}

function readClassic(dashboard: JsonObject, scope: Scope): ReadGraph {
  const nodes: GraphNode[] = [];
  let row: string | undefined;
  for (const panel of listOf(dashboard.panels).filter(isObject)) {
    const isRow = panel.type === 'row';
    const [node, ...inside] = readPanel(panel, scope, isRow ? undefined : row);
    if (node === undefined) continue;
    if (isRow) row = node.id;
    nodes.push(node, ...inside);
  }
  nodes.push(
    ...listOf(dashboard.rows)
      .filter(isObject)
      .flatMap((old) => readOldRow(old, scope)),
  );
  return { nodes, edges: [], rest: without(dashboard, NOT_REST) };
}

/** A panel, held by the row above it; for a folded row the panels inside follow, on a sheet of their own. */
function readPanel(panel: JsonObject, scope: Scope, row?: string, sheet?: string): GraphNode[] {
  const library = objectOf(panel.libraryPanel);
  const type =
    textOf(panel.type) ??
    textOf(objectOf(library.model).type) ??
    (isObject(panel.libraryPanel) ? 'library panel' : 'panel');
  const inside = listOf(panel.panels).filter(isObject);
  const grid = objectOf(panel.gridPos);
  const folded = sheet === undefined && (inside.length > 0 || (type === 'row' && panel.collapsed === true));
  const node: GraphNode = {
    ...scope.claim(panel.id),
    name: textOf(panel.title) || textOf(library.name) || type,
    type,
    ...present({
      kind: type === 'row' ? undefined : PANEL,
      position: pointOf(grid),
      size: sizeOf({ width: grid.w ?? null, height: grid.h ?? null }),
      sheet,
      containers: row === undefined ? undefined : [row],
      role: folded ? ('sheet' as const) : undefined,
      collapsed: folded && panel.collapsed === true ? (true as const) : undefined,
      note: noteOf(panel, type),
    }),
    body: without(panel, NOT_CONTENT),
    item: panel,
  };
  if (sheet !== undefined) return [node];
  return [node, ...inside.flatMap((item) => readPanel(item, scope, node.id, node.id))];
}

/** What a text panel shows. */
function noteOf(panel: JsonObject, type: string): string | undefined {
  return type === 'text' ? textOf(objectOf(panel.options).content) : undefined;
}

function readOldRow(row: JsonObject, scope: Scope): GraphNode[] {
  const name = textOf(row.title) || 'Row';
  const { id } = scope.claim(`row ${name}`);
  const header: GraphNode = {
    id,
    anonymous: true,
    name,
    type: 'row',
    role: 'sheet',
    ...(row.collapse === true && { collapsed: true }),
    body: without(row, NOT_CONTENT),
    item: row,
  };
  const place = { x: 0, y: 0 };
  const panels = listOf(row.panels).filter(isObject);
  return [
    header,
    ...panels.map((panel) => ({ ...readOldPanel(panel, scope, place), sheet: id, containers: [id] })),
  ];
}

/** Old panels have a width only: they flow from left to right and wrap. `place` is moved on past the panel. */
function readOldPanel(panel: JsonObject, scope: Scope, place: { x: number; y: number }): GraphNode {
  const span = Math.min(12, Math.max(1, numberOf(panel.span) ?? 12));
  const width = span * COLUMNS_PER_SPAN;
  if (place.x + width > GRID_COLUMNS) Object.assign(place, { x: 0, y: place.y + ROW_PANEL_HEIGHT });
  const position = { ...place };
  place.x += width;
  const type = textOf(panel.type) ?? 'panel';
  return {
    ...scope.claim(panel.id),
    name: textOf(panel.title) || type,
    type,
    kind: PANEL,
    position,
    size: { width, height: ROW_PANEL_HEIGHT },
    body: without(panel, new Set([...NOT_CONTENT, 'span'])),
    item: panel,
  };
}
