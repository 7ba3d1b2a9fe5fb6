import type { Graph } from '../graphs/domain/graph';
import { statusName } from '../graphs/domain/graph-content';
import { toIso, toIsoOrNull } from '../platform/clock/instant';
import type { PolicyPart } from '../platform/config/policy-limits';
import { changeOf, type ListedVersion } from '../versions/versions.service';
import type { GraphManifest, ManifestVersion } from './domain/manifest';

/** What a graph's `graph.json` says about one version, whose bytes are in `file`. */
export function manifestVersion(version: ListedVersion, file: string): ManifestVersion {
  return {
    version: version.version,
    change: changeOf(version),
    title: version.title,
    description: version.description,
    status: statusName(version.status),
    created_at: toIso(version.created_at),
    label: version.label,
    pinned: version.pinned === 1,
    restored_from: version.restored_from,
    config_bytes: version.config_bytes,
    config_sha256: version.config_sha256.toString('hex'),
    file,
  };
}

/** A graph's `graph.json`. `policy`: the fields that its own policy sets. */
export function graphManifest(
  graph: Graph,
  policy: PolicyPart | null,
  versions: ManifestVersion[],
): GraphManifest {
  return {
    id: graph.id,
    title: graph.title,
    description: graph.description,
    status: graph.status,
    created_at: toIso(graph.createdAt),
    updated_at: toIso(graph.updatedAt),
    deleted_at: toIsoOrNull(graph.deletedAt),
    policy,
    versions,
  };
}
