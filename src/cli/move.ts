// The tool's old name, for one release.
process.stderr.write('"npm run move" is now "npm run migrate-to-postgres"; the old name will be removed.\n');
void import('./migrate-to-postgres');
