import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { GraphNode } from './graph';
import type { Scope } from './scope';

/** The names of a node's slots, by which links are told. */
export interface Slots {
  inputs: string[];
  outputs: string[];
}

/** The node at a subgraph's edge at which its inputs come in, or its outputs go out. */
export interface Boundary {
  /** The id that links give. */
  own: string;
  node: GraphNode;
  slots: Slots;
}

/** The ids that the editor gives to both, whose objects some tools leave out. */
const OWN_IDS = { inputNode: '-10', outputNode: '-20' } as const;

/** Both ends of a subgraph, those that it or its links name. */
export function readBoundaries(subgraph: JsonObject, scope: Scope): Boundary[] {
  const ends = new Set(listOf(subgraph.links).flatMap(endsOf));
  return (['inputNode', 'outputNode'] as const)
    .filter((side) => isObject(subgraph[side]) || ends.has(OWN_IDS[side]))
    .map((side) => readBoundary(subgraph, side, scope));
}

function endsOf(link: Json): string[] {
  const [, source, , target] = isObject(link) ? [null, link.origin_id, null, link.target_id] : listOf(link);
  return [source, target].flatMap((end) => textOf(end) ?? []);
}

function readBoundary(subgraph: JsonObject, side: 'inputNode' | 'outputNode', scope: Scope): Boundary {
  const boundary = objectOf(subgraph[side]);
  const own = textOf(boundary.id) ?? OWN_IDS[side];
  const bounding = listOf(boundary.bounding);
  const inputs = side === 'inputNode';
  const list = listOf(inputs ? subgraph.inputs : subgraph.outputs);
  // By number: a renamed input is a change of the subgraph, not of the edges that come from it.
  const ports = list.map((_, index) => String(index));
  const name = inputs ? 'Inputs' : 'Outputs';
  const node: GraphNode = {
    ...scope.claim(own),
    name,
    type: `subgraph ${name.toLowerCase()}`,
    role: 'port',
    ...present({
      position: pointOf(bounding),
      size: sizeOf(bounding.slice(2)),
      note: list.flatMap(labelOf).join(', ') || undefined,
    }),
    body: {},
    ...(isObject(subgraph[side]) && { item: boundary }),
  };
  delete node.weak;
  return { own, node, slots: inputs ? { inputs: [], outputs: ports } : { inputs: ports, outputs: [] } };
}

function labelOf(slot: Json): string[] {
  const { label, name } = objectOf(slot);
  return textOf(label) || textOf(name) ? [textOf(label) || textOf(name) || ''] : [];
}
