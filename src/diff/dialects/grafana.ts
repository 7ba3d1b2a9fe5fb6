import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, Graph, GraphNode } from './graph';
import { NodeIds } from './node-ids';

const NOT_CONTENT = new Set(['id', 'gridPos', 'panels']);

/** Before dashboards had a grid (version 5), a row was 12 spans wide; a span is two columns of today's 24. */
const COLUMNS_PER_SPAN = 2;
const GRID_COLUMNS = 24;
const ROW_PANEL_HEIGHT = 7;

/** Grafana dashboards: `panels` with `gridPos`, folded rows with panels inside, and the older `rows`. */
export const grafana: Dialect = {
  name: 'grafana',
  detect: (config) => {
    const dashboard = dashboardOf(config);
    return (
      isPanels(dashboard.panels) || listOf(dashboard.rows).some((row) => Array.isArray(objectOf(row).panels))
    );
  },
  read: readGrafana,
};

function dashboardOf(config: Json): JsonObject {
  const outer = objectOf(config);
  return isObject(outer.dashboard) ? outer.dashboard : outer;
}

function isPanels(panels: Json | undefined): boolean {
  return (
    Array.isArray(panels) &&
    panels.every((panel) => isObject(panel) && ('type' in panel || 'gridPos' in panel))
  );
}

function readGrafana(config: Json): Graph {
  const dashboard = dashboardOf(config);
  const ids = new NodeIds();
  const panels = listOf(dashboard.panels).filter(isObject);
  const rows = listOf(dashboard.rows).filter(isObject);
  return {
    nodes: [
      ...panels.flatMap((panel) => readPanel(panel, ids)),
      ...rows.flatMap((row) => readOldRow(row, ids)),
    ],
    edges: [],
  };
}

/** A panel; for a folded row the panels inside follow, on a sheet of their own. */
function readPanel(panel: JsonObject, ids: NodeIds, sheet?: string): GraphNode[] {
  const type = textOf(panel.type) ?? 'panel';
  const inside = listOf(panel.panels).filter(isObject);
  const grid = objectOf(panel.gridPos);
  const node: GraphNode = {
    ...ids.claim(panel.id),
    name: textOf(panel.title) || type,
    type,
    ...present({
      position: pointOf(grid),
      size: sizeOf({ width: grid.w ?? null, height: grid.h ?? null }),
      sheet,
      role: inside.length > 0 && sheet === undefined ? ('sheet' as const) : undefined,
    }),
    body: without(panel, NOT_CONTENT),
  };
  return [node, ...inside.flatMap((inner) => readPanel(without(inner, new Set(['panels'])), ids, node.id))];
}

function readOldRow(row: JsonObject, ids: NodeIds): GraphNode[] {
  const name = textOf(row.title) || 'Row';
  const { id } = ids.claim(`row ${name}`);
  const header: GraphNode = { id, name, type: 'row', role: 'sheet', body: without(row, NOT_CONTENT) };
  const place = { x: 0, y: 0 };
  const panels = listOf(row.panels).filter(isObject);
  return [header, ...panels.map((panel) => ({ ...readOldPanel(panel, ids, place), sheet: id }))];
}

/** Old panels have a width only: they flow from left to right and wrap. `place` is moved on past the panel. */
function readOldPanel(panel: JsonObject, ids: NodeIds, place: { x: number; y: number }): GraphNode {
  const span = Math.min(12, Math.max(1, numberOf(panel.span) ?? 12));
  const width = span * COLUMNS_PER_SPAN;
  if (place.x + width > GRID_COLUMNS) Object.assign(place, { x: 0, y: place.y + ROW_PANEL_HEIGHT });
  const position = { ...place };
  place.x += width;
  const type = textOf(panel.type) ?? 'panel';
  return {
    ...ids.claim(panel.id),
    name: textOf(panel.title) || type,
    type,
    position,
    size: { width, height: ROW_PANEL_HEIGHT },
    body: without(panel, new Set([...NOT_CONTENT, 'span'])),
  };
}
