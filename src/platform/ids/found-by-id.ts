import { notFound } from '../errors/app-error';
import { isUuid, uuidBytes } from './uuid';

/** What `find` finds by the bytes of a UUID; 404 that names `what` if it finds nothing or `id` is not a UUID. */
export async function foundById<T>(
  what: string,
  id: string,
  find: (id: Buffer) => Promise<T | undefined>,
): Promise<T> {
  const found = isUuid(id) ? await find(uuidBytes(id)) : undefined;
  if (found === undefined) throw notFound(what);
  return found;
}
