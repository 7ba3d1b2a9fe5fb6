import { ownMember } from '../../platform/hardening/own-member';
import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, type Json, type JsonObject } from '../json';
import type { GraphNode, ReadEdge, ReadGraph } from './graph';
import type { Scope } from './scope';

/** Whether every member is a node. Looks at no more members than it must: an object of another kind may have many. */
export function isPrompt(candidate: JsonObject): boolean {
  let nodes = 0;
  for (const id in candidate) {
    const node = ownMember(candidate, id);
    if (!isObject(node) || typeof node.class_type !== 'string') return false;
    nodes++;
  }
  return nodes > 0;
}

/** The API form: `{id: {class_type, inputs}}`, where an input that is `[node id, output]` is a connection. */
export function readPrompt(prompt: JsonObject, scope: Scope): ReadGraph {
  const items = Object.entries(prompt).map(([id, node]) => ({
    claimed: scope.claim(id),
    node: objectOf(node),
  }));
  const nodes: GraphNode[] = [];
  const edges: ReadEdge[] = [];
  for (const { claimed, node } of items) {
    const inputs = Object.entries(objectOf(node.inputs));
    const type = textOf(node.class_type) ?? 'node';
    const content = inputs.filter(([, value]) => !isReference(value, prompt));
    const body: JsonObject = { ...node, inputs: Object.fromEntries(content) };
    nodes.push({ ...claimed, name: textOf(objectOf(node._meta).title) || type, type, body, item: node });
    for (const [target_port, value] of inputs) {
      if (!isReference(value, prompt)) continue;
      const [source = '', output = null] = listOf(value).map(textOf);
      edges.push({
        source: scope.resolve(source),
        source_port: output,
        target: claimed.id,
        target_port,
        body: {},
        site: { holder: objectOf(node.inputs), key: target_port },
      });
    }
  }
  return { nodes, edges, rest: {} };
}

function isReference(value: Json, prompt: JsonObject): boolean {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[1] !== 'number') return false;
  const id = textOf(value[0]);
  return id !== undefined && Object.hasOwn(prompt, id);
}
