import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { databaseSchema } from './src/database-schema';
import { AppConfig } from './src/platform/config/app-config';
import { dataSourceOptions } from './src/platform/database/data-source';

/** The data source for TypeORM's command line: `npm run migration -- migration:show`. */
export default new DataSource(dataSourceOptions(AppConfig.fromProcess().database, databaseSchema));
