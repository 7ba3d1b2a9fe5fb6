import { textAt, type CutPath, type Span } from '../../domain/json-slices';
import { documentAt } from '../../domain/tool-documents';

/** What Grafana changes in a resource with each save, and what the caller's view adds. */
const OF_RESOURCE: readonly CutPath[] = [
  ...[
    'resourceVersion',
    'generation',
    'uid',
    'creationTimestamp',
    'managedFields',
    'namespace',
    'selfLink',
  ].map((name): CutPath => ['metadata', name]),
  ...['updatedBy', 'updatedTimestamp', 'createdBy', 'saved-from-ui', 'message'].map((name): CutPath => [
    ...['metadata', 'annotations', `grafana.app/${name}`],
  ]),
  ['metadata', 'labels', 'grafana.app/deprecatedInternalID'],
  ['status'],
  ['access'],
];
/** A spec of v1 repeats the number of the row and its version. */
const OF_CLASSIC_SPEC: readonly CutPath[] = [
  ['spec', 'id'],
  ['spec', 'version'],
];
const OF_CLASSIC: readonly CutPath[] = [['id'], ['version']];

/** A dashboard of `/apis` without what Grafana changes by itself. */
export function resourceAt(body: Buffer, item: Span): Buffer {
  const isV2 = /\/v2/.test(textAt(body, '/apiVersion', item) ?? '');
  return documentAt(body, item, isV2 ? OF_RESOURCE : [...OF_RESOURCE, ...OF_CLASSIC_SPEC]);
}

/** A dashboard of `/api` without its number and version. */
export function classicAt(body: Buffer, item: Span): Buffer {
  return documentAt(body, item, OF_CLASSIC);
}
