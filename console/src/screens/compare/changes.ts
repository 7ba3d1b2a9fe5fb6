import type { components } from '../../api/schema';
import { edgeIds, edgeName, type Edge as NamedEdge } from '../../parts/edge-name';
import type { Selection } from '../../parts/selection';

type Diff = components['schemas']['DiffView'];

/** An RFC 6902 operation, as the API sends it. */
export interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

export type Kind = 'added' | 'removed' | 'changed' | 'moved';

/** One change of a comparison, as the list shows it. */
export interface Change {
  /** Unique in the comparison, and stable: it is in the address. */
  key: string;
  group: 'Fields' | 'Nodes' | 'Edges' | 'Other parts';
  kind: Kind;
  title: string;
  detail: string;
  /** The ids behind the names of the title, where they differ from them. */
  ids?: string | undefined;
  selection?: Selection;
  properties: Property[];
}

/** A value that changed: missing `old` was added, missing `now` was removed. */
export interface Property {
  path: string;
  old?: unknown;
  now?: unknown;
}

/** Whether the change is a node of the older version, which can come back alone. */
export function canReturn({ selection, kind }: Change): boolean {
  return selection?.kind === 'node' && kind !== 'added';
}

const operations = (changes: unknown): Operation[] => changes as Operation[];

/** All changes of a comparison, in the order of the list. */
export function changesOf(diff: Diff, hideMoves: boolean): Change[] {
  return [
    ...fieldChanges(diff),
    ...nodeChanges(diff, hideMoves),
    ...edgeChanges(diff),
    ...otherChanges(diff),
  ];
}

function fieldChanges({ fields }: Diff): Change[] {
  return fields.map(({ field, from, to }) => ({
    key: `field:${field}`,
    group: 'Fields',
    kind: 'changed',
    title: field,
    detail: '',
    properties: [{ path: field, old: from, now: to }],
  }));
}

function nodeChanges({ nodes }: Diff, hideMoves: boolean): Change[] {
  type Node = { id: string; name: string; type: string };
  const change = (kind: Kind, { id, name, type }: Node, properties: Property[] = []): Change => ({
    key: `node:${id}`,
    group: 'Nodes',
    kind,
    title: name || id,
    detail: type,
    selection: { kind: 'node', id },
    properties,
  });
  return [
    ...nodes.added.map((node) => change('added', node)),
    ...nodes.removed.map((node) => change('removed', node)),
    ...nodes.changed.map((node) =>
      change('changed', node, propertiesOf(node.before, operations(node.changes))),
    ),
    ...(hideMoves
      ? []
      : nodes.moved.map((node) => change('moved', node, [{ path: 'place', old: node.from, now: node.to }]))),
  ];
}

function edgeChanges({ edges }: Diff): Change[] {
  type Edge = NamedEdge & { source_port: string | null; target_port: string | null };
  const change = (kind: Kind, edge: Edge, index: number, properties: Property[] = []): Change => ({
    key: `edge:${kind}:${index}`,
    group: 'Edges',
    kind,
    title: edgeName(edge),
    ids: edgeIds(edge),
    detail: [edge.source_port, edge.target_port].filter((port) => port !== null).join(' › '),
    selection: { kind: 'edge', id: `${edge.source} > ${edge.target}` },
    properties,
  });
  return [
    ...edges.added.map((edge, index) => change('added', edge, index)),
    ...edges.removed.map((edge, index) => change('removed', edge, index)),
    ...edges.changed.map((edge, index) =>
      change('changed', edge, index, propertiesOf(undefined, operations(edge.changes))),
    ),
  ];
}

function otherChanges({ other }: Diff): Change[] {
  return other.map(({ path, changes }) => ({
    key: `other:${path}`,
    group: 'Other parts',
    kind: 'changed',
    title: path || 'the document',
    detail: '',
    properties: propertiesOf(undefined, operations(changes)),
  }));
}

/** Paths with their old and new values. Without `before`, old values are not known and left out. */
export function propertiesOf(before: unknown, changes: readonly Operation[]): Property[] {
  const document = { root: structuredClone(before) };
  const known = before !== undefined;
  return changes.map((operation) => {
    const old = known ? read(document.root, operation.path) : undefined;
    const moved = operation.from !== undefined && known ? read(document.root, operation.from) : undefined;
    if (known) apply(document, operation);
    const path = operation.path || '/';
    switch (operation.op) {
      case 'remove':
        return { path, old: known ? old : REMOVED };
      case 'add':
        return { path, now: operation.value };
      case 'move':
      case 'copy':
        return { path: `${operation.from} › ${path}`, now: moved };
      case 'replace':
      case 'test':
        return known ? { path, old, now: operation.value } : { path, now: operation.value };
    }
  });
}

const REMOVED = '(removed)';

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(value: unknown, segment: string): unknown {
  if (Array.isArray(value)) return value[Number(segment)];
  return typeof value === 'object' && value !== null && Object.hasOwn(value, segment)
    ? (value as Record<string, unknown>)[segment]
    : undefined;
}

/** The value at a JSON pointer. */
function read(root: unknown, pointer: string): unknown {
  return segmentsOf(pointer).reduce(child, root);
}

function apply(document: { root: unknown }, { op, path, from, value }: Operation): void {
  if (op === 'test') return;
  const moved = from === undefined ? value : structuredClone(read(document.root, from));
  if (op === 'move' && from !== undefined) write(document, from, 'remove', undefined);
  write(document, path, op === 'move' || op === 'copy' ? 'add' : op, moved);
}

function write(
  document: { root: unknown },
  pointer: string,
  op: 'add' | 'remove' | 'replace',
  value: unknown,
): void {
  const segments = segmentsOf(pointer);
  const last = segments.pop();
  if (last === undefined) {
    document.root = value;
    return;
  }
  const holder = segments.reduce(child, document.root);
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last);
    holder.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
  } else if (typeof holder === 'object' && holder !== null) {
    if (op === 'remove') Reflect.deleteProperty(holder, last);
    else Object.defineProperty(holder, last, { value, configurable: true, enumerable: true, writable: true });
  }
}
