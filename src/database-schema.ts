import { entities } from './entities';
import { Initial1764000000000 } from './migrations/1764000000000-initial';
import { Jobs1764000100000 } from './migrations/1764000100000-jobs';
import { Retention1764000600000 } from './migrations/1764000600000-retention';
import type { DatabaseSchema } from './platform/database/data-source';

/** The tables, and the migrations that lead to them, oldest first. */
export const databaseSchema: DatabaseSchema = {
  entities,
  migrations: [Initial1764000000000, Jobs1764000100000, Retention1764000600000],
};
