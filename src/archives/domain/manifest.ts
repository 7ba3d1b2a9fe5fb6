import type { PolicyPart } from '../../platform/config/policy-limits';

/** Says what a `manifest.json` is, so that an import recognises one of ours. */
export const ARCHIVE_FORMAT = 'graphomat-backup-archive';
/** Version of the archive's layout. */
export const ARCHIVE_FORMAT_VERSION = 1;
/** The archive's table of contents, in its top folder. */
export const MANIFEST = 'manifest.json';
/** A graph's own manifest, in its folder. */
export const GRAPH_MANIFEST = 'graph.json';

/** The content of `manifest.json`. Times are ISO 8601 UTC. */
export interface ArchiveManifest {
  format: typeof ARCHIVE_FORMAT;
  format_version: number;
  exported_at: string;
  /** The fields that the account's own policy sets; null without one, and in an archive of one graph. */
  policy: PolicyPart | null;
  graphs: { id: string; title: string; folder: string; versions: number }[];
}

/** The content of a graph's `graph.json`. */
export interface GraphManifest {
  id: string;
  title: string;
  description: string | null;
  status: string;
  created_at: string;
  updated_at: string;
  /** Set for a graph in the trash. */
  deleted_at: string | null;
  /** The fields that the graph's own policy sets; null without one. */
  policy: PolicyPart | null;
  /** Oldest first. */
  versions: ManifestVersion[];
}

/** One version in a `graph.json`. */
export interface ManifestVersion {
  version: number;
  change: string;
  title: string;
  description: string | null;
  status: string;
  created_at: string;
  label: string | null;
  pinned: boolean;
  restored_from: number | null;
  config_bytes: number;
  config_sha256: string;
  /** The file with the exact bytes, in the graph's folder. Versions with equal configs share one. */
  file: string;
}
