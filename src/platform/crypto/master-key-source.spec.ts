import * as crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppConfig } from '../config/app-config';
import { keyPath } from '../config/key-files';
import { MASTER_KEY_FILE, MasterKeySource, RETIRED_MASTER_KEY_FILE } from './master-key-source';

/** The module itself, as the code under test uses it. */
const usedCrypto = createRequire(__filename)('node:crypto') as typeof crypto;
let dataDir: string;

beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'keys-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('MasterKeySource', () => {
  it('does the same work for each reload, however often the keys were read before', () => {
    const source = MasterKeySource.open(AppConfig.from({ DATA_DIR: dataDir }), () => undefined);
    const folder = dirname(keyPath(dataDir, MASTER_KEY_FILE));
    for (const name of ['a', 'b'])
      writeFileSync(
        join(folder, `${RETIRED_MASTER_KEY_FILE}${name}.key`),
        crypto.randomBytes(32).toString('base64'),
        { mode: 0o600 },
      );
    source.reload();
    const { size } = source.current;
    // One for each key that is read or known: the id of a key is an HMAC.
    const ids = jest.spyOn(usedCrypto, 'createHmac');
    const works = Array.from({ length: 50 }, () => {
      ids.mockClear();
      source.reload();
      return ids.mock.calls.length;
    });
    expect(size).toBe(3);
    expect(source.current.size).toBe(3);
    expect(works[0]).toBeGreaterThan(0);
    expect(new Set(works).size).toBe(1);
  });

  it('keeps a key that it knew after its file is gone, and finds one that has come since', () => {
    const source = MasterKeySource.open(AppConfig.from({ DATA_DIR: dataDir }), () => undefined);
    const file = join(dirname(keyPath(dataDir, MASTER_KEY_FILE)), `${RETIRED_MASTER_KEY_FILE}a.key`);
    const key = crypto.randomBytes(32);
    const { currentId } = source;
    expect(source.find(Buffer.alloc(8))).toBeUndefined();
    writeFileSync(file, key.toString('base64'), { mode: 0o600 });
    const id = crypto.createHmac('sha256', key).update('graphomat-backup master key').digest().subarray(0, 8);
    expect(source.find(id)).toEqual(key);
    rmSync(file);
    source.reload();
    expect(source.find(id)).toEqual(key);
    expect(source.currentId).toEqual(currentId);
  });
});
