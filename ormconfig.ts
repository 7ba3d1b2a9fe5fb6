/**
 * The data source for TypeORM's command line and for editors that look for it here. `npm run migration` uses the built
 * one (dist/cli/data-source.js), so that it works in an installation without devDependencies.
 */
export { dataSource as default } from './src/cli/data-source';
