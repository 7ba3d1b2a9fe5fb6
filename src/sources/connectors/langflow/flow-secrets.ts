import { elementsOf, membersOf, textAt, valueAt, wholeValue, type Span } from '../../domain/json-slices';

/** A field of a node that Langflow shows as a password. */
interface SecretField {
  /** Differs for different fields of a flow. */
  key: string;
  /** For people: the node and the field. */
  name: string;
  isEmpty: boolean;
}

/** Groups of nodes in groups of nodes, at most. */
const GROUPS_DEPTH = 8;

/**
 * Names of secret fields that are empty in a flow, and that the flow at Langflow fills or does not have. Langflow answers
 * the versions of its history without the values of secret fields: pushed as it is, such a version empties them.
 */
export function emptiedSecrets(flow: Buffer, present: Buffer | null): string[] {
  const here = present ? [...secretsOf(present, wholeValue(present), '', GROUPS_DEPTH)] : [];
  const emptyAlready = new Set(here.filter(({ isEmpty }) => isEmpty).map(({ key }) => key));
  return [...secretsOf(flow, wholeValue(flow), '', GROUPS_DEPTH)]
    .filter(({ key, isEmpty }) => isEmpty && !emptyAlready.has(key))
    .map(({ name }) => name);
}

function* secretsOf(flow: Buffer, within: Span, prefix: string, depth: number): Generator<SecretField> {
  const nodes = valueAt(flow, '/data/nodes', within);
  if (!nodes) return;
  for (const node of elementsOf(flow, nodes.start)) {
    const id = textAt(flow, '/id', node) ?? '';
    const title = textAt(flow, '/data/node/display_name', node) || id;
    const template = valueAt(flow, '/data/node/template', node);
    for (const field of template ? membersOf(flow, template.start) : []) {
      if (textAt(flow, '/password', field) !== 'true') continue;
      const label = textAt(flow, '/display_name', field) || field.key;
      const key = JSON.stringify([prefix, id, field.key]);
      yield { key, name: `${title}: ${label}`, isEmpty: isEmptyValue(flow, field) };
    }
    const group = valueAt(flow, '/data/node/flow', node);
    if (group && depth > 0) yield* secretsOf(flow, group, `${prefix}/${id}`, depth - 1);
  }
}

/** Whether a field has no value, or one without content: null, an empty text. */
function isEmptyValue(flow: Buffer, field: Span): boolean {
  const value = valueAt(flow, '/value', field);
  return !value || ['null', '""'].includes(flow.toString('utf8', value.start, value.end));
}
