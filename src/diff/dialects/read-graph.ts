import type { Json } from '../json';
import { comfyUi } from './comfyui';
import { grafana } from './grafana';
import type { Dialect, DialectName, Graph } from './graph';
import { n8n } from './n8n';
import { nodeRed } from './node-red';
import { reactFlow } from './react-flow';

/** In the order in which they are asked; no two claim the same well-formed file. */
const DIALECTS: readonly Dialect[] = [n8n, reactFlow, nodeRed, grafana, comfyUi];

/** The last resort: a config of no known dialect has no nodes, only a patch. */
const json: Dialect = { name: 'json', detect: () => true, read: () => ({ nodes: [], edges: [] }) };

/** The dialect of a config. */
export function detectDialect(config: Json): DialectName {
  return dialectOf(config).name;
}

/** A config read as a graph, with its dialect; never throws. */
export function readGraph(config: Json): Graph & { dialect: DialectName } {
  const dialect = dialectOf(config);
  return { dialect: dialect.name, ...dialect.read(config) };
}

/**
 * Two configs read as graphs of one dialect. Where they are of different ones, both are read as `json`; an
 * empty config (`{}`, `[]`, what a graph starts as) is an empty graph of the other's dialect.
 */
export function readGraphs(from: Json, to: Json): { dialect: DialectName; from: Graph; to: Graph } {
  const dialect = commonDialect(from, to);
  return { dialect: dialect.name, from: dialect.read(from), to: dialect.read(to) };
}

function commonDialect(from: Json, to: Json): Dialect {
  const [before, after] = [dialectOf(from), dialectOf(to)];
  if (before === after) return after;
  if (before === json && isEmpty(from)) return after;
  return after === json && isEmpty(to) ? before : json;
}

function dialectOf(config: Json): Dialect {
  return DIALECTS.find((dialect) => dialect.detect(config)) ?? json;
}

function isEmpty(config: Json): boolean {
  return typeof config === 'object' && config !== null && Object.keys(config).length === 0;
}
