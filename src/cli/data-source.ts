import 'reflect-metadata';
import { databaseSchema } from '../database-schema';
import { AppConfig } from '../platform/config/app-config';
import { dataSourceFor } from '../platform/database/data-source';

/** The configured database for TypeORM's command line: `npm run migration -- migration:show`. */
export const dataSource = dataSourceFor(AppConfig.fromProcess().database, databaseSchema);
