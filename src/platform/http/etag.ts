/** A graph's entity tag: its version and the first 16 hex digits of the SHA-256 of its config. */
export function graphEtag(version: number, configSha256: string): string {
  return `"${version}-${configSha256.slice(0, 16)}"`;
}

/**
 * Whether a list of entity tags, as `If-Match` and `If-None-Match` hold it, names `etag` or is `*`.
 * Weak tags are compared by their value (RFC 9110, 8.8.3.2): ours stand for the exact bytes anyway.
 */
export function matchesEtag(header: string, etag: string): boolean {
  return header.split(',').some((entry) => {
    const tag = entry.trim().replace(/^W\//, '');
    return tag === '*' || tag === etag;
  });
}
