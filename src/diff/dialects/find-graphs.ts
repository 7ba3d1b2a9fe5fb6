import { parseExact } from '../exact-json';
import { isObject, type Json, type JsonObject } from '../json';
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
const KNOWN: ReadonlySet<string> = new Set(WRAPPERS);

/** Wrappers within wrappers: an item of a list of an answer, its resource, its workflow, its graph. */
const MAX_DEPTH = 5;

/** Values of which it is asked whether they are a graph, beyond {@link WRAPPERS}: a large document of another kind is none. */
const MAX_LOOKS = 2_000;

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
 * list, each wrapped or not. Members of known names are asked first, then any other. A text that holds JSON (Flowise's
 * `flowData`) is read.
 */
export function findGraphs(config: Json, isGraph: (value: Json) => boolean): FoundGraph[] {
  return new Search(isGraph).find(config, [], false);
}

type Path = (string | number)[];

class Search {
  private looks = 0;

  constructor(private readonly isGraph: (value: Json) => boolean) {}

  find(value: Json, path: Path, plural: boolean): FoundGraph[] {
    if (this.isGraph(value)) return [{ path, value, plural }];
    if (path.length >= MAX_DEPTH) return [];
    if (Array.isArray(value) && isQueueItem(value)) return this.inQueueItem(value, path, plural);
    if (Array.isArray(value)) return value.flatMap((item, index) => this.inItem(item, [...path, index]));
    return isObject(value) ? this.inMembers(value, path, plural) : [];
  }

  private inText(text: string, path: Path, plural: boolean): FoundGraph[] {
    const value = embedded(text);
    if (value === null) return [];
    return this.find(value, path, plural).map((graph) => ({
      ...graph,
      texts: [{ path, value }, ...(graph.texts ?? [])],
    }));
  }

  private inItem(item: Json, path: Path): FoundGraph[] {
    return this.find(item, path, true).map((graph) => ({ item, ...graph }));
  }

  private inMember(value: JsonObject, name: string, path: Path, plural: boolean): FoundGraph[] {
    const member = ownMember(value, name);
    if (member === undefined) return [];
    return typeof member === 'string'
      ? this.inText(member, [...path, name], plural)
      : this.find(member, [...path, name], plural);
  }

  private inMembers(value: JsonObject, path: Path, plural: boolean): FoundGraph[] {
    const found: FoundGraph[] = [];
    for (const name of WRAPPERS) {
      const inner = this.inMember(value, name, path, plural);
      if (inner[0]?.plural === false || (plural && inner.length > 0)) return inner;
      found.push(...inner);
    }
    return found.length > 0 ? found : this.inOtherMembers(value, path, plural);
  }

  /** Several graphs by name are several as in a list. */
  private inOtherMembers(value: JsonObject, path: Path, plural: boolean): FoundGraph[] {
    const found: FoundGraph[] = [];
    for (const name of Object.keys(value)) {
      if (this.looks++ > MAX_LOOKS) break;
      if (KNOWN.has(name)) continue;
      found.push(...this.inMember(value, name, path, plural));
    }
    if (found.length < 2) return found;
    return found.map((graph) => ({ item: graph.value, ...graph, plural: true }));
  }

  /** What was queued: with the workflow that the editor sent along if there is one, else the prompt. */
  private inQueueItem(value: Json[], path: Path, plural: boolean): FoundGraph[] {
    for (const index of [3, 2]) {
      const found = this.find(value[index] ?? null, [...path, index], plural);
      if (found.length > 0) return found;
    }
    return [];
  }
}

/** ComfyUI's queue and history: number, id, prompt, further data, outputs. */
function isQueueItem(value: readonly Json[]): boolean {
  return (
    value.length >= 4 &&
    typeof value[0] === 'number' &&
    typeof value[1] === 'string' &&
    isObject(value[2]) &&
    isObject(value[3])
  );
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
