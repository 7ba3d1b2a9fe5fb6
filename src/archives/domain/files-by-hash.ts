import { fileOfVersion } from './file-names';

interface Hashed {
  version: number;
  config_sha256: Buffer;
}

/** The file of each distinct config: the one of the first version that has it. */
export class FilesByHash {
  private readonly files = new Map<string, string>();

  /** The file for a version's config, and whether it has yet to be written. */
  of({ version, config_sha256 }: Hashed): { file: string; isNew: boolean } {
    const known = this.files.get(config_sha256.toString('hex'));
    return { file: known ?? fileOfVersion(version), isNew: known === undefined };
  }

  /** The file was written. */
  add({ config_sha256 }: Hashed, file: string): void {
    this.files.set(config_sha256.toString('hex'), file);
  }
}
