import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AppConfig } from '../config/app-config';
import { keyPath, readKey, readOrMakeKey } from '../config/key-files';
import { OperatorError } from '../errors/operator-error';
import { MasterKeys } from './master-keys';

/** Names of the key files of an installation that created its own keys. */
export const MASTER_KEY_FILE = 'encryption';
export const PREVIOUS_MASTER_KEY_FILE = 'encryption-previous';
/** Prefix of the names of files with retired keys; the key's id follows. */
export const RETIRED_MASTER_KEY_FILE = 'encryption-retired-';

/** The database was written with a master key, and none is available: no file and no setting. */
export class LostMasterKeyError extends OperatorError {
  constructor(path: string) {
    super(
      `The master key is missing: there is no file ${path}, and ENCRYPTION_KEY is not set. Nothing was changed. Put the file back from ` +
        'where it was copied to, or set ENCRYPTION_KEY. Without it no graph of this database can be read (docs/disaster.md, "A lost master key").',
    );
  }
}

/**
 * Where the master keys come from: ENCRYPTION_KEY and ENCRYPTION_KEY_PREVIOUS, otherwise the key files, which can
 * change while the service runs when `npm run keys -- rotate` creates a new key.
 */
export class MasterKeySource {
  private keys: MasterKeys;

  private constructor(private readonly read: () => MasterKeys) {
    this.keys = read();
  }

  /**
   * Reads the keys. If there is no key in the environment and no file, creates the key file and calls
   * `onMade`.
   */
  static open(config: AppConfig, onMade: (path: string) => void): MasterKeySource {
    if (!config.get('ENCRYPTION_KEY')) {
      const { path, made } = readOrMakeKey(config.get('DATA_DIR'), MASTER_KEY_FILE);
      if (made) onMade(path);
    }
    return MasterKeySource.openExisting(config);
  }

  /** Whether a master key exists, in the environment or in its file. */
  static isAtHand(config: AppConfig): boolean {
    return (
      config.get('ENCRYPTION_KEY') !== undefined ||
      existsSync(keyPath(config.get('DATA_DIR'), MASTER_KEY_FILE))
    );
  }

  /** Reads the keys and creates none: for tools, which have nothing to do if the service never ran. */
  static openExisting(config: AppConfig): MasterKeySource {
    const given = config.get('ENCRYPTION_KEY');
    const previous = config.get('ENCRYPTION_KEY_PREVIOUS');
    if (given) return new MasterKeySource(() => new MasterKeys(given, previous ? [previous] : []));
    return new MasterKeySource(() => fromFiles(config.get('DATA_DIR')));
  }

  get current(): MasterKeys {
    return this.keys;
  }

  /** The key with this id; reads the key files again if it is unknown. */
  find(id: Buffer): Buffer | undefined {
    return this.keys.find(id) ?? this.reload().find(id);
  }

  get currentId(): Buffer {
    return this.keys.currentId;
  }

  /** Reads the keys again if the database names an unknown one. Known keys stay. */
  reload(): MasterKeys {
    this.keys = this.read().with(this.keys);
    return this.keys;
  }
}

function fromFiles(dataDir: string): MasterKeys {
  const path = keyPath(dataDir, MASTER_KEY_FILE);
  const current = readKey(path);
  if (!current) throw new LostMasterKeyError(path);
  const previous = readKey(keyPath(dataDir, PREVIOUS_MASTER_KEY_FILE));
  return new MasterKeys(current, [...(previous ? [previous] : []), ...retiredKeys(dirname(path))]);
}

// An older copy of the database, restored after a rotation, still needs them.
function retiredKeys(folder: string): Buffer[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(RETIRED_MASTER_KEY_FILE) && name.endsWith('.key'))
    .map((name) => readKey(join(folder, name)))
    .filter((key) => key !== undefined);
}
