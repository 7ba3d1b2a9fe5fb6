import { cutMembers, elementsOf, membersOf, wholeValue } from '../../domain/json-slices';

/** What a push has to know about a node. */
export interface FlowNode {
  id: string;
  type: string;
  name: string;
  env: unknown;
}

/** Types that are not installed as nodes: they belong to the editor. */
const BUILT_IN = new Set(['tab', 'subflow', 'group', 'junction', 'unknown', 'global-config']);
/** Types that hold no credentials of their own. */
const WITHOUT_CREDENTIALS = new Set([
  'group',
  'junction',
  'comment',
  'debug',
  'inject',
  'function',
  'change',
  'switch',
]);

/**
 * The nodes of a flow file; entries that are no nodes are left out. Only for warnings: never written back. Of each node the
 * few members are read that warnings need: 16 MB of empty arrays as values take seconds and 300 MB.
 */
export function readNodes(config: Buffer): FlowNode[] {
  const nodes: FlowNode[] = [];
  for (const { start } of elementsOf(config, wholeValue(config).start)) {
    const found = new Map<string, unknown>();
    for (const { key, start: from, end } of membersOf(config, start))
      if (READ.has(key) && end - from <= MEMBER_BYTES_MAX)
        found.set(key, JSON.parse(config.toString('utf8', from, end)));
    const [id, type] = [found.get('id'), found.get('type')];
    if (typeof id !== 'string' || typeof type !== 'string') continue;
    const name = [found.get('name'), found.get('label')].find(
      (text) => typeof text === 'string' && text !== '',
    );
    nodes.push({ id, type, name: (name as string | undefined) ?? id, env: found.get('env') });
  }
  return nodes;
}

const READ: ReadonlySet<string> = new Set(['id', 'type', 'name', 'label', 'env']);
/** Larger members are left out of warnings. */
const MEMBER_BYTES_MAX = 64 * 1024;

/** Node types of the document that are not installed, each once. */
export function missingTypes(nodes: readonly FlowNode[], installed: ReadonlySet<string>): string[] {
  const needed = new Set(nodes.map(({ type }) => type));
  return [...needed].filter(
    (type) => !BUILT_IN.has(type) && !type.startsWith('subflow:') && !installed.has(type),
  );
}

/**
 * Names of nodes that exist in the document but not at the tool. Node-RED keeps credentials by the id of a node, and
 * forgets them when the node is removed: what such a node had is lost.
 */
export function lostCredentials(nodes: readonly FlowNode[], present: readonly FlowNode[]): string[] {
  const known = new Set(present.map(({ id }) => id));
  return nodes
    .filter(({ id, type }) => !known.has(id) && !WITHOUT_CREDENTIALS.has(type) && type !== 'tab')
    .map(({ name }) => name);
}

/** How many environment variables of type "credential" have their value in the document. */
export function plainSecrets(nodes: readonly FlowNode[]): number {
  const all = nodes.flatMap(({ env }) => (Array.isArray(env) ? (env as unknown[]) : []));
  return all.filter((variable) => {
    const { type, value } = (variable ?? {}) as { type?: unknown; value?: unknown };
    return type === 'cred' && typeof value === 'string' && value !== '';
  }).length;
}

/** A document without credentials in its nodes: sent back, empty ones would replace those that Node-RED has. */
export function withoutCredentials(config: Buffer): Buffer {
  return cutMembers(config, [['*', 'credentials']]);
}
