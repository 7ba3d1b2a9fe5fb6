import { textOf } from '../exact-json';
import { isObject, objectOf, type Json } from '../json';
import { comfyUi } from './comfyui';
import { findGraphs, withoutGraphs, type FoundGraph } from './find-graphs';
import { grafana } from './grafana';
import { comparableForm } from './grafana-forms';
import { isV2 } from './grafana-v2';
import type { Dialect, DialectName, Graph, GraphNode, ReadEdge } from './graph';
import { n8n } from './n8n';
import { NodeIds } from './node-ids';
import { nodeLink } from './node-link';
import { nodeRed } from './node-red';
import { reactFlow } from './react-flow';
import { Scope } from './scope';

/** In the order in which they are asked; no two claim the same well-formed file. */
const DIALECTS: readonly Dialect[] = [n8n, nodeRed, reactFlow, grafana, comfyUi, nodeLink];

/** A whole document read as a graph. */
export interface Document extends Graph {
  dialect: DialectName;
  /** The document without nodes and edges. */
  rest: Json;
  /** The graph itself without nodes and edges; undefined where there are several graphs, or none. */
  own?: Json;
  /** Where in the document the graph is; empty when it is the document itself or a list of graphs. */
  path: (string | number)[];
  /** The graphs in the document, in the order in which they were read. */
  graphs: FoundGraph[];
}

/** How two documents are read. */
export interface ReadOptions {
  /**
   * Whether two forms of one dashboard are read in one that is neither: to compare and to draw, never to take parts of
   * them into another document.
   */
  readonly oneForm?: boolean;
}

interface Recognised {
  dialect: Dialect | null;
  found: FoundGraph[];
}

/** The dialect of a config. */
export function detectDialect(config: Json): DialectName {
  return recognise(config).dialect?.name ?? 'json';
}

/** A config read as a graph, with its dialect; never throws. */
export function readGraph(config: Json): Document {
  return read(config, recognise(config));
}

/**
 * Two configs read as graphs of one dialect. Where they are of different ones, both are read as `json`; an
 * empty config (`{}`, `[]`, what a graph starts as) is an empty graph of the other's dialect.
 */
export function readGraphs(
  from: Json,
  to: Json,
  { oneForm = false }: ReadOptions = {},
): { dialect: DialectName; from: Document; to: Document } {
  const [before, after] = recogniseBoth(from, to);
  const dialect = common(before, from, after, to);
  const both = before.found.length > 0 && after.found.length > 0;
  const mixed = oneForm && both && dialect === grafana && isV2Form(before) !== isV2Form(after);
  const as = (config: Json, side: Recognised): Document => {
    const found = side.dialect === dialect ? side.found : [];
    return read(config, { dialect, found: mixed ? found.map(inOneForm) : found });
  };
  return { dialect: dialect?.name ?? 'json', from: as(from, before), to: as(to, after) };
}

const isV2Form = ({ found: [first] }: Recognised): boolean => isV2(objectOf(first?.value ?? null));

function inOneForm(graph: FoundGraph): FoundGraph {
  return { ...graph, value: comparableForm(objectOf(graph.value)) };
}

/**
 * A graph without edges may read as one of another dialect than the same with edges: then both are read as the dialect
 * of either that knows both.
 */
function recogniseBoth(from: Json, to: Json): [Recognised, Recognised] {
  const [before, after] = [recognise(from), recognise(to)];
  if (before.dialect === null || after.dialect === null || before.dialect === after.dialect)
    return [before, after];
  for (const dialect of [before.dialect, after.dialect]) {
    const [first, second] = [from, to].map((config) => findGraphs(config, (value) => dialect.isGraph(value)));
    if (first === undefined || second === undefined || first.length === 0 || second.length === 0) continue;
    if (first[0]?.path.length !== before.found[0]?.path.length) continue;
    if (second[0]?.path.length !== after.found[0]?.path.length) continue;
    return [
      { dialect, found: first },
      { dialect, found: second },
    ];
  }
  return [before, after];
}

function common(before: Recognised, from: Json, after: Recognised, to: Json): Dialect | null {
  if (before.dialect === after.dialect) return after.dialect;
  if (before.dialect === null && isEmpty(from)) return after.dialect;
  return after.dialect === null && isEmpty(to) ? before.dialect : null;
}

/** The dialect whose graph is wrapped in the fewest layers. */
function recognise(config: Json): Recognised {
  let best: Recognised = { dialect: null, found: [] };
  let layers = Infinity;
  for (const dialect of DIALECTS) {
    const found = findGraphs(config, (value) => dialect.isGraph(value));
    const depth = found[0]?.path.length ?? Infinity;
    if (depth < layers) [best, layers] = [{ dialect, found }, depth];
    if (layers === 0) break;
  }
  return best;
}

function read(config: Json, { dialect, found }: Recognised): Document {
  const name = dialect?.name ?? 'json';
  if (dialect === null || found.length === 0) {
    return {
      dialect: name,
      nodes: [],
      edges: [],
      rest: isEmpty(config) ? null : config,
      path: [],
      graphs: [],
    };
  }
  const ids = new NodeIds();
  const graphs = found.map((one) =>
    one.plural ? readOneOfSeveral(one, dialect, ids) : dialect.read(one.value, new Scope(ids)),
  );
  const single = found.length === 1 && found[0]?.plural === false;
  return {
    dialect: name,
    nodes: concat(graphs.map(({ nodes }) => nodes)),
    edges: concat<ReadEdge>(graphs.map(({ edges }) => edges)),
    rest: withoutGraphs(
      config,
      found,
      graphs.map(({ rest }) => rest),
    ),
    ...(single && { own: graphs[0]?.rest ?? null }),
    path: single ? (found[0]?.path ?? []) : [],
    graphs: found,
  };
}

/** One graph of a list is a sheet, whose content is what the graph has besides nodes and edges. */
function readOneOfSeveral(
  { path, value, item = null }: FoundGraph,
  dialect: Dialect,
  ids: NodeIds,
): Graph & { rest: Json } {
  // The graph itself or what wraps it says what it is called.
  const members = { ...objectOf(item), ...objectOf(value) };
  const title = textOf(members.name) || textOf(members.title) || textOf(members.label);
  const key = textOf(members.id) || title;
  const claimed = new Scope(ids).claim(key ?? String(path.find((step) => typeof step === 'number') ?? 0));
  const { nodes, edges, rest } = dialect.read(value, new Scope(ids, `${claimed.id}/`));
  const name = title || claimed.id;
  const body = isObject(rest) ? rest : { rest };
  const sheet: GraphNode = {
    ...claimed,
    name,
    type: 'graph',
    role: 'sheet',
    body,
    ...(isObject(value) && { item: value }),
  };
  if (members.id === undefined) sheet.anonymous = true;
  const placed = nodes.map((node) =>
    node.sheet !== undefined || node.role === 'sheet' ? node : { ...node, sheet: sheet.id },
  );
  return { nodes: [sheet, ...placed], edges, rest: null };
}

function concat<Item>(lists: Item[][]): Item[] {
  return lists.length === 1 ? (lists[0] ?? []) : lists.flat();
}

function isEmpty(config: Json): boolean {
  return typeof config === 'object' && config !== null && Object.keys(config).length === 0;
}
