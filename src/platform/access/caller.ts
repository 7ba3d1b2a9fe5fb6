import type { Role } from './permission';

/** Where a request came from, for the journal. */
export interface RequestOrigin {
  requestId: string;
  ip: string;
}

/** The signed-in user a request is made for. `key` is the database's own short key, `id` the public UUID. */
export interface Caller {
  key: number;
  id: string;
  role: Role;
  origin: RequestOrigin;
}
