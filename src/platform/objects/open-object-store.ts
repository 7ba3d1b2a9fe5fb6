import { LocalObjectStore } from './local-object-store';
import type { ObjectStore } from './object-store';
import { parseStoreUrl } from './store-url';

/**
 * The object store that a URL names; see `parseStoreUrl`. Touches nothing yet. The S3 client is loaded only where one
 * is named: it would take a tenth of a second of every start.
 */
export async function openObjectStore(url: string): Promise<ObjectStore> {
  const target = parseStoreUrl(url);
  if (target.kind === 'file') return new LocalObjectStore(target.folder);
  const { S3ObjectStore } = await import('./s3-object-store');
  return new S3ObjectStore(target);
}
