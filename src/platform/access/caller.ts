import type { Role } from './permission';

/** Origin of a request, for the journal. */
export interface RequestOrigin {
  requestId: string;
  ip: string;
}

/** The signed-in user of a request. `key` is the database's short key, `id` the public UUID. */
export interface Caller {
  key: number;
  id: string;
  role: Role;
  origin: RequestOrigin;
}
