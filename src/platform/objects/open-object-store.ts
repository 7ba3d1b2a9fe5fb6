import { LocalObjectStore } from './local-object-store';
import type { ObjectStore } from './object-store';
import { parseStoreUrl } from './store-url';

/**
 * The object store of a URL; see `parseStoreUrl`. Does not connect yet. The S3 client is loaded only for S3 URLs,
 * because it would add 0.1 s to every start.
 */
export async function openObjectStore(url: string): Promise<ObjectStore> {
  const target = parseStoreUrl(url);
  if (target.kind === 'file') return new LocalObjectStore(target.folder);
  const { S3ObjectStore } = await import('./s3-object-store');
  return new S3ObjectStore(target);
}
