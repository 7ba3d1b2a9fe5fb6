import { ownMember } from '../../platform/hardening/own-member';
import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { GraphNode, Point, ReadGraph, Size } from './graph';
import type { Scope } from './scope';

const NOT_REST = new Set(['elements', 'layout']);
const NOT_CONTENT_OF_PANEL = new Set(['id']);
const NOT_CONTENT_OF_ITEM = new Set(['x', 'y', 'width', 'height', 'element']);
const NOT_CONTENT_OF_PART = new Set(['layout', 'elements']);

/** How a panel shows its data is a setting of it: a graph that becomes a table is the same panel. */
export const PANEL = 'panel';

/** An auto grid says how many columns it has at most, not where panels are. */
const AUTO_COLUMNS = 3;
const GRID_COLUMNS = 24;
const AUTO_HEIGHT = 8;

/** Layouts in layouts: rows in tabs, a grid in a row. Deeper is not drawn by the editor. */
const MAX_DEPTH = 8;

/** Whether this is a dashboard of schema v2: panels by name, and a layout that names them. */
export function isV2({ elements, layout }: JsonObject): boolean {
  return isObject(elements) && isObject(layout) && typeof layout.kind === 'string';
}

/** Elements are the nodes, layout items their places, rows and tabs the sheets. */
export function readV2(dashboard: JsonObject, scope: Scope): ReadGraph {
  const reader = new LayoutReader(objectOf(dashboard.elements), scope);
  reader.layout(objectOf(dashboard.layout), undefined, 0);
  const { kind, spec } = objectOf(dashboard.layout);
  const layout = { kind: kind ?? null, spec: without(objectOf(spec), new Set(['items', 'rows', 'tabs'])) };
  return { nodes: reader.done(), edges: [], rest: { ...without(dashboard, NOT_REST), layout } };
}

interface Placed {
  position?: Point;
  size?: Size;
  drawnAt?: Point;
  placement?: JsonObject;
  /** What the layout says of the element besides its place, such as how it repeats. */
  more: JsonObject;
}

class LayoutReader {
  private readonly nodes: GraphNode[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly elements: JsonObject,
    private readonly scope: Scope,
  ) {}

  layout(layout: JsonObject, sheet: string | undefined, depth: number): void {
    if (depth > MAX_DEPTH) return;
    const spec = objectOf(layout.spec);
    for (const part of [...listOf(spec.rows), ...listOf(spec.tabs)].filter(isObject)) this.part(part, depth);
    listOf(spec.items)
      .filter(isObject)
      .forEach((item, index) => {
        if (item.kind === 'GridLayoutRow') this.part(item, depth);
        else this.item(item, index, spec, sheet);
      });
  }

  /** What no layout names comes last. */
  done(): GraphNode[] {
    for (const name of Object.keys(this.elements)) if (!this.seen.has(name)) this.element(name, { more: {} });
    return this.nodes;
  }

  /** A row or a tab: a sheet with a layout of its own. Neither has an id. */
  private part(part: JsonObject, depth: number): void {
    const spec = objectOf(part.spec);
    const type = part.kind === 'TabsLayoutTab' ? 'tab' : 'row';
    const name = textOf(spec.title) || (type === 'tab' ? 'Tab' : 'Row');
    const { id } = this.scope.claim(`${type} ${name}`);
    const inner = objectOf(spec.layout);
    const layout: JsonObject = without(objectOf(inner.spec), new Set(['items', 'rows', 'tabs']));
    const body: JsonObject = {
      ...without(spec, NOT_CONTENT_OF_PART),
      ...(isObject(spec.layout) && { layout: { kind: inner.kind ?? null, spec: layout } }),
    };
    // A row in a grid has its place there.
    const drawnAt = pointOf({ x: 0, y: spec.y ?? null });
    const known = { id, anonymous: true, name, type, role: 'sheet', body, item: part } as const;
    this.nodes.push({
      ...known,
      ...present({ drawnAt }),
      ...(spec.collapse === true && { collapsed: true }),
    });
    if (isObject(spec.layout)) this.layout(inner, id, depth + 1);
    else
      listOf(spec.elements)
        .filter(isObject)
        .forEach((item, index) => this.item(item, index, spec, id));
  }

  private item(placement: JsonObject, index: number, layout: JsonObject, sheet: string | undefined): void {
    const item = objectOf(placement.spec);
    const name = textOf(objectOf(item.element).name);
    if (name === undefined) return;
    const size = sizeOf({ width: item.width ?? null, height: item.height ?? null });
    const position = pointOf(item);
    const auto = position === undefined ? autoPlace(index, layout) : undefined;
    const more = without(item, NOT_CONTENT_OF_ITEM);
    this.element(name, { ...present({ position, size, drawnAt: auto }), placement, more }, sheet);
  }

  private element(name: string, { more, ...place }: Placed, sheet?: string): void {
    this.seen.add(name);
    const element = objectOf(ownMember(this.elements, name));
    const spec = objectOf(element.spec);
    const library = objectOf(spec.libraryPanel);
    const visual = objectOf(spec.vizConfig);
    const type = textOf(visual.group) ?? vizKind(visual) ?? textOf(element.kind) ?? 'panel';
    const body: JsonObject = { kind: element.kind ?? null, spec: without(spec, NOT_CONTENT_OF_PANEL) };
    if (Object.keys(more).length > 0) body.layout = more;
    this.nodes.push({
      ...this.scope.claim(name),
      name: textOf(spec.title) || textOf(library.name) || type,
      type,
      kind: PANEL,
      ...place,
      ...(place.drawnAt && { measured: { width: GRID_COLUMNS / AUTO_COLUMNS, height: AUTO_HEIGHT } }),
      ...present({
        sheet,
        containers: sheet === undefined ? undefined : [sheet],
        note: type === 'text' ? textOf(objectOf(objectOf(visual.spec).options).content) : undefined,
      }),
      body,
      ...(Object.hasOwn(this.elements, name) && { item: element }),
    });
  }
}

/** In the first versions of the schema the plugin's name is the kind. */
function vizKind({ kind }: JsonObject): string | undefined {
  const text = textOf(kind);
  return text === 'VizConfig' ? undefined : text;
}

function autoPlace(index: number, layout: JsonObject): Point {
  const most =
    typeof layout.maxColumnCount === 'number'
      ? Math.max(1, Math.min(6, Math.round(layout.maxColumnCount)))
      : AUTO_COLUMNS;
  const columns = Math.min(most, AUTO_COLUMNS);
  return {
    x: (index % columns) * (GRID_COLUMNS / AUTO_COLUMNS),
    y: Math.floor(index / columns) * AUTO_HEIGHT,
  };
}
