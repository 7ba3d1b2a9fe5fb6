import { ownMember } from '../../../platform/hardening/own-member';
import { isObject, objectOf, type Json, type JsonObject } from '../../json';
import { mergeMembers } from '../merge-values';
import type { EditRules } from '../edit-rules';

const INPUTS = ['inputs'];

/** ComfyUI's API form: an input that is `[node id, output]` is an edge. */
export const promptRules: EditRules = {
  ends: [],
  structure: () => INPUTS,
  settle: () => undefined,

  overwriting(to, node, present) {
    const [before, now] = [node.item?.inputs, present.item?.inputs];
    if (!isObject(before) || !isObject(now)) return;
    let after: string | null = null;
    for (const [name, value] of Object.entries(before)) {
      if (!to.source.isEdge(before, name))
        to.setMember(now, name, value, { after, origin: { holder: before, key: name } });
      after = name;
    }
    for (const name of Object.keys(now))
      if (!to.target.isEdge(now, name) && !Object.hasOwn(before, name)) to.edits.remove(now, name);
  },

  reverting(to, { before, after, now }, merge) {
    const [a, b, p] = [inputsOf(before.item), inputsOf(after.item), inputsOf(now.item)];
    if (a === undefined || b === undefined || p === undefined) return;
    const names = [...Object.keys(a), ...Object.keys(b)];
    const isLink = (name: string): boolean =>
      to.source.isEdge(a, name) || to.target.isEdge(p, name) || ownMember(after.body, 'inputs') === undefined;
    const content = objectOf(after.body.inputs);
    const except = new Set(
      names.filter((name) => isLink(name) || (Object.hasOwn(b, name) && !Object.hasOwn(content, name))),
    );
    mergeMembers(merge, { before: a, after: b }, p, { path: `${after.id}/inputs`, except });
  },

  settleEdge(to, edge, { holder, key }) {
    const value = Array.isArray(holder) ? undefined : to.edits.get(holder, String(key));
    const [old, id] = [to.oldRawId(edge.source), to.rawId(edge.source)];
    if (Array.isArray(value) && id !== undefined && id !== old) to.edits.replace(value, 0, id);
  },

  connect(to, edge) {
    const { holder, key } = edge.site;
    const inputs = inputsOf(to.now(edge.target));
    const value: Json | undefined = Array.isArray(holder) ? undefined : to.edits.get(holder, String(key));
    if (inputs === undefined || value === undefined) return 'The node has no inputs now.';
    const present = to.edits.get(inputs, String(key));
    if (present !== undefined && to.same(value, present)) return undefined;
    if (present !== undefined) return 'Its input has another value or connection now.';
    to.edits.set(inputs, String(key), value);
    this.settleEdge(to, edge, { holder: inputs, key });
    return undefined;
  },
};

function inputsOf(item: JsonObject | undefined): JsonObject | undefined {
  return isObject(item?.inputs) ? item.inputs : undefined;
}
