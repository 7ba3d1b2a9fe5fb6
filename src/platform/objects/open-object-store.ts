import { LocalObjectStore } from './local-object-store';
import type { ObjectStore } from './object-store';
import { S3ObjectStore } from './s3-object-store';
import { parseStoreUrl } from './store-url';

/** The object store that a URL names; see `parseStoreUrl`. Touches nothing yet. */
export function openObjectStore(url: string): ObjectStore {
  const target = parseStoreUrl(url);
  return target.kind === 'file' ? new LocalObjectStore(target.folder) : new S3ObjectStore(target);
}
