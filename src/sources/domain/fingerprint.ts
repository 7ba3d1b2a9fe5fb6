import { createHash } from 'node:crypto';
import { cutMembers, type CutPath } from './json-slices';

/** SHA-256 of a document without the members at `paths`, which the tool changes by itself. */
export function fingerprintWithout(config: Buffer, paths: readonly CutPath[]): Buffer {
  return createHash('sha256').update(cutMembers(config, paths)).digest();
}
