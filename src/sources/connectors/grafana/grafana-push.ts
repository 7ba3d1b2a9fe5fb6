import {
  cutMembers,
  membersOf,
  replaceSpans,
  textAt,
  valueAt,
  wholeValue,
  type CutPath,
} from '../../domain/json-slices';
import { PushRefusedError } from '../connector-errors';

/** Whose dashboard it is: Grafana refuses a change of these, and one that was sent made dashboards read-only (gcx #837). */
const MANAGER: readonly CutPath[] = [
  ...[
    'managedBy',
    'managerId',
    'managerAllowsEdits',
    'managerSuspended',
    'sourcePath',
    'sourceChecksum',
    'sourceTimestamp',
  ],
].map((name): CutPath => ['metadata', 'annotations', `grafana.app/${name}`]);

/** The version of the API in which a stored resource is written, such as `v2`. Throws PushRefusedError for another document. */
export function resourceVersion(config: Buffer): string {
  const version = /^dashboard\.grafana\.app\/(v[0-9][a-z0-9]{0,20})$/.exec(
    textAt(config, '/apiVersion') ?? '',
  )?.[1];
  if (version === undefined || !valueAt(config, '/spec'))
    throw new PushRefusedError(
      'This version is not a dashboard of the API that this Grafana has (apiVersion, spec).',
    );
  return version;
}

/**
 * The resource as it is at Grafana, with the spec of a stored version: labels and annotations that are not sent would be
 * lost (grafana PR #130479).
 */
export function withSpec(present: Buffer, config: Buffer): Buffer {
  const here = valueAt(present, '/spec');
  const there = valueAt(config, '/spec');
  if (!here || !there) throw new PushRefusedError('This dashboard has no spec.');
  const pushed = replaceSpans(present, [{ ...here, by: config.subarray(there.start, there.end) }]);
  return cutMembers(pushed, [['status'], ['access'], ['metadata', 'managedFields']]);
}

/** A stored resource as a new one. */
export function newResource(config: Buffer): Buffer {
  return cutMembers(config, MANAGER);
}

/** Who manages a dashboard of `/apis`, such as Git Sync or Terraform; undefined for one that people edit. */
export function managerOf(present: Buffer): string | undefined {
  return textAt(present, '/metadata/annotations/grafana.app~1managedBy') || undefined;
}

/** The body that writes a dashboard over `/api`. `present`: the answer to reading it; null creates it. */
export function legacyWrite(config: Buffer, present: Buffer | null): Buffer {
  const { start, end } = wholeValue(config);
  const document = config.subarray(start, end);
  if (document[0] !== '{'.charCodeAt(0)) throw new PushRefusedError('This version is not a dashboard.');
  const version = present && textAt(present, '/dashboard/version');
  // Without its folder a dashboard would move to the top.
  const folder = present && textAt(present, '/meta/folderUid');
  const head = `{"id":null${version ? `,"version":${version}` : ''}`;
  const isEmpty = [...membersOf(document, 0)].length === 0;
  const more = `${folder ? `,"folderUid":${JSON.stringify(folder)}` : ''},"message":"Restored","overwrite":false}`;
  return Buffer.concat([
    Buffer.from(`{"dashboard":${head}${isEmpty ? '' : ','}`),
    document.subarray(1),
    Buffer.from(more),
  ]);
}
