import { isAbsolute, resolve } from 'node:path';

/** An S3-compatible store: the bucket, and the prefix of all object names. */
export interface S3Target {
  kind: 's3';
  bucket: string;
  prefix: string;
  endpoint: string | undefined;
  region: string | undefined;
  /** `http://host/bucket/name` instead of `http://bucket.host/name`. */
  pathStyle: boolean;
}

/** Location of an object store. */
export type StoreTarget = { kind: 'file'; folder: string } | S3Target;

const PARAMETERS = ['endpoint', 'region', 'path_style'];
const FORMS = 'must look like file:///./data/vault or s3://bucket/prefix?endpoint=…&region=…&path_style=true';

/**
 * Parses `BACKUP_STORE_URL`: `file:///./relative`, `file:////absolute` or `file:///absolute` (a folder that begins
 * with `./` is relative to the working directory), or `s3://bucket/prefix?endpoint=…&region=…&path_style=true`.
 * Throws an Error whose message completes "BACKUP_STORE_URL …".
 */
export function parseStoreUrl(url: string): StoreTarget {
  if (url.startsWith('file:///')) return { kind: 'file', folder: folderOf(url.slice('file://'.length)) };
  if (!url.startsWith('s3://') || !URL.canParse(url)) throw new Error(FORMS);
  const { hostname, pathname, searchParams, username } = new URL(url);
  if (username !== '')
    throw new Error('must not contain credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const unknown = [...searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new Error(`can only have the parameters ${PARAMETERS.join(', ')}`);
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  if (hostname === '' || prefix.split('/').includes('..')) throw new Error(FORMS);
  return { kind: 's3', bucket: hostname, prefix, ...optionsOf(searchParams) };
}

function optionsOf(given: URLSearchParams): Pick<S3Target, 'endpoint' | 'region' | 'pathStyle'> {
  const endpoint = given.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint))
    throw new Error('needs an endpoint that begins with http:// or https://');
  const pathStyle = given.get('path_style') ?? 'false';
  if (pathStyle !== 'true' && pathStyle !== 'false')
    throw new Error('can only have path_style=true or path_style=false');
  return { endpoint, region: given.get('region') ?? undefined, pathStyle: pathStyle === 'true' };
}

// "/./x" is relative, "//x" and "/x" are absolute, as in DATABASE_URL.
function folderOf(path: string): string {
  const inside = path.slice(1);
  if (inside === '') throw new Error(FORMS);
  if (/^\.\.?(\/|$)/.test(inside)) return resolve(inside);
  return isAbsolute(inside) ? inside : `/${inside}`;
}
