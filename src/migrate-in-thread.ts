import { databaseSchema } from './database-schema';
import { migrateInThisThread } from './platform/database/migrate-apart';

void migrateInThisThread(databaseSchema);
