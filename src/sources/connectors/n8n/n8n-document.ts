import {
  cutMembers,
  membersOf,
  replaceSpans,
  textAt,
  valueAt,
  wholeValue,
  type CutPath,
  type Span,
} from '../../domain/json-slices';
import { documentAt, membersBut } from '../../domain/tool-documents';

/** What a workflow consists of. Everything else is n8n's own: counters, times, owners, and the published copy. */
const KEPT = new Set([
  ...[
    'name',
    'description',
    'nodes',
    'connections',
    'settings',
    'nodeGroups',
    'pinData',
    'tags',
    'isArchived',
  ],
]);
const TAG_TIMES: readonly CutPath[] = [
  ['tags', '*', 'createdAt'],
  ['tags', '*', 'updatedAt'],
];
/** The parts of a workflow that its published version and its history hold. */
const VERSIONED = ['nodes', 'connections', 'nodeGroups'] as const;

/** The workflow at `item` of an answer, byte for byte, without what n8n changes by itself. */
export function workflowAt(body: Buffer, item: Span): Buffer {
  return cutMembers(documentAt(body, item, membersBut(KEPT, body, item)), TAG_TIMES);
}

/** A workflow with the nodes, connections and groups of another version of it, which is at `version` in `body`. */
export function withVersion(workflow: Buffer, body: Buffer, version: Span): Buffer {
  const edits = VERSIONED.flatMap((name) => {
    const here = valueAt(workflow, `/${name}`);
    const there = valueAt(body, `/${name}`, version);
    return here && there ? [{ ...here, by: body.subarray(there.start, there.end) }] : [];
  });
  return replaceSpans(
    workflow,
    edits.sort((a, b) => a.start - b.start),
  );
}

/** The fields that n8n takes in a PUT or POST; it refuses a request with any other one. */
const WRITABLE = new Set([
  'name',
  'nodes',
  'connections',
  'settings',
  'nodeGroups',
  'pinData',
  'description',
]);

/**
 * The body of a PUT or POST that writes a stored workflow. `refused`: paths of fields that this n8n does not take, such as
 * `nodeGroups` or `settings/binaryMode`. A missing field that n8n requires is added.
 */
export function writableWorkflow(config: Buffer, title: string, refused: readonly CutPath[]): Buffer {
  const whole = wholeValue(config);
  const cuts = [...membersBut(WRITABLE, config, whole), ...refused];
  // n8n takes a text here and nothing else, although it answers null.
  if (textAt(config, '/description') === undefined) cuts.push(['description']);
  const document = cutMembers(config.subarray(whole.start, whole.end), cuts);
  const present = new Set([...membersOf(document, 0)].map(({ key }) => key));
  const missing = [
    ...(present.has('name') ? [] : [`"name":${JSON.stringify(title)}`]),
    ...(present.has('nodes') ? [] : ['"nodes":[]']),
    ...(present.has('connections') ? [] : ['"connections":{}']),
    ...(present.has('settings') ? [] : ['"settings":{}']),
  ];
  if (missing.length === 0) return document;
  const head = Buffer.from(`{${missing.join(',')}${present.size > 0 ? ',' : ''}`);
  return Buffer.concat([head, document.subarray(1)]);
}

/** The field that n8n's 400 names as unknown or read-only; undefined if it names none. */
export function refusedField(message: string): CutPath | undefined {
  const within = /^request\/body(?:\/([\w/]+))?/.exec(message)?.[1]?.split('/') ?? [];
  const unknown = /Unrecognized key\(s\) in object: '([^']+)'/.exec(message)?.[1];
  if (unknown !== undefined) return pathOf([...within, unknown]);
  if (/is read-only|must NOT have additional properties|should NOT have additional properties/.test(message))
    return within.length > 0 ? pathOf(within) : undefined;
  return undefined;
}

/** Elements of arrays are cut in all of them: n8n names the first one only. */
function pathOf(steps: readonly string[]): CutPath {
  return steps.map((step) => (/^\d+$/.test(step) ? '*' : step));
}
