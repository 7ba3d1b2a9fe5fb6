import { parseExact } from '../exact-json';
import { isObject, type Json } from '../json';
import { ownMember } from '../../platform/hardening/own-member';

/**
 * The members in which tools wrap a graph: answers of APIs, exports, collections, snapshots, resources, metadata. In
 * this order: where a document holds a graph twice, such as ComfyUI's `workflow` and `output`, the first is read.
 */
const WRAPPERS = [
  ...['workflow', 'workflowData', 'workflow_data', 'workflows', 'flow', 'flows', 'flowData', 'flow_data'],
  ...['graph', 'graphs', 'dashboard', 'dashboards', 'spec', 'data', 'json', 'snapshot', 'items', 'content'],
  ...[
    'extra_data',
    'extra_pnginfo',
    'app',
    'project',
    'model',
    'definition',
    'template',
    'result',
    'results',
  ],
  ...['ChatFlow', 'AgentFlow', 'AgentFlowV2', 'Assistant', 'versions', 'prompt', 'output'],
] as const;

/** Wrappers within wrappers: an item of a list of an answer, its resource, its workflow, its graph. */
const MAX_DEPTH = 5;

/** A graph in a document. */
export interface FoundGraph {
  /** From the document to the graph. */
  path: (string | number)[];
  value: Json;
  /** It is one of several: the document holds a list. */
  plural: boolean;
  /** The item of the list that is, or wraps, the graph. */
  item?: Json;
  /** The texts on the way to the graph that hold JSON: where they are, and what they hold. */
  texts?: { path: (string | number)[]; value: Json }[];
}

/**
 * Where in a document the graphs of a dialect are: the document itself, a member that wraps one, or the items of a
 * list, each wrapped or not. A text that holds JSON (Flowise's `flowData`) is read.
 */
export function findGraphs(config: Json, isGraph: (value: Json) => boolean): FoundGraph[] {
  return find(config, [], false);

  function find(value: Json, path: (string | number)[], plural: boolean): FoundGraph[] {
    if (isGraph(value)) return [{ path, value, plural }];
    if (path.length >= MAX_DEPTH) return [];
    if (Array.isArray(value)) return value.flatMap((item, index) => inItem(item, [...path, index]));
    return isObject(value) ? inMembers(value, path, plural) : [];
  }

  function inText(value: Json, path: (string | number)[], plural: boolean): FoundGraph[] {
    return find(value, path, plural).map((graph) => ({
      ...graph,
      texts: [{ path, value }, ...(graph.texts ?? [])],
    }));
  }

  function inItem(item: Json, path: (string | number)[]): FoundGraph[] {
    return find(item, path, true).map((graph) => ({ item, ...graph }));
  }

  function inMembers(value: Record<string, Json>, path: (string | number)[], plural: boolean): FoundGraph[] {
    const found: FoundGraph[] = [];
    for (const name of WRAPPERS) {
      const member = ownMember(value, name);
      if (member === undefined) continue;
      const inner =
        typeof member === 'string'
          ? inText(embedded(member), [...path, name], plural)
          : find(member, [...path, name], plural);
      if (inner[0]?.plural === false || (plural && inner.length > 0)) return inner;
      found.push(...inner);
    }
    return found;
  }
}

function embedded(text: string): Json {
  if (!/^\s*[{[]/.test(text)) return null;
  try {
    return parseExact(text);
  } catch {
    return null;
  }
}

/** Marks an item that is gone with its graph. */
const GONE: unique symbol = Symbol('gone');

/**
 * The document without its graphs: instead of each stands what its `rests` entry holds; one of several is taken out
 * of its list.
 */
export function withoutGraphs(config: Json, found: readonly FoundGraph[], rests: readonly Json[]): Json {
  const entries = found.map(({ path, plural }, index): Entry => ({
    path,
    rest: plural ? GONE : (rests[index] ?? null),
  }));
  const rest = strip(config, entries, 0);
  return rest === GONE ? null : rest;
}

interface Entry {
  path: (string | number)[];
  rest: Json | typeof GONE;
}

function strip(value: Json, entries: readonly Entry[], depth: number): Json | typeof GONE {
  const [first] = entries;
  if (first === undefined) return value;
  if (first.path.length === depth) return first.rest;
  const by = new Map<string | number, Entry[]>();
  for (const entry of entries) {
    const key = entry.path[depth] ?? '';
    by.set(key, [...(by.get(key) ?? []), entry]);
  }
  if (Array.isArray(value)) {
    return value
      .map((item, index) => strip(item, by.get(index) ?? [], depth + 1))
      .filter((item): item is Json => item !== GONE);
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(
    ([key, item]) => [key, strip(item, by.get(key) ?? [], depth + 1)] as const,
  );
  return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== GONE));
}
