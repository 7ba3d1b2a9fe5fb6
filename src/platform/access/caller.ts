import type { Role } from './permission';

/** Origin of a request, for the journal. */
export interface RequestOrigin {
  requestId: string;
  ip: string;
  /** The API token that was used; missing for a session. */
  tokenId?: string;
}

/** The user that work is done for: as a rule the signed-in user of a request. `key` is the database's short key, `id` the public UUID. */
export interface Caller {
  key: number;
  id: string;
  role: Role;
  /** Missing where the service acts for the user: a job that pulls graphs from a source. */
  origin?: RequestOrigin;
}

/** The signed-in user of a request. */
export interface RequestCaller extends Caller {
  origin: RequestOrigin;
}
