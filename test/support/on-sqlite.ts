import { databaseKind } from './database';

/**
 * Instead of `it`: for what is no matter of the database, in a file that also runs on PostgreSQL. Other tests must send
 * the same statements there (docs/decisions/0066-what-both-databases-run.md).
 */
export const itOnSqlite = databaseKind === 'sqlite' ? it : it.skip;
