import { databaseKind, newPlace } from '../support/database';

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
const before = { ...process.env };
afterEach(() => void (process.env = { ...before }));

onPostgres(
  'a server of one’s own is refused for tests unless its database is named as one for tests',
  async () => {
    process.env['TEST_POSTGRES_EMBEDDED'] = '';
    process.env['TEST_POSTGRES_URL'] = 'postgres://tester@127.0.0.1:1/production';
    await expect(newPlace()).rejects.toThrow('its name must contain "test"');
  },
);
