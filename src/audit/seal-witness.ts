import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import { makeFolderSync } from '../platform/files/make-folder';

/** The newest seal that this machine has seen, stored outside the database. */
export interface WitnessedSeal {
  number: number;
  /** Hex. */
  digest: string;
  /** When it was last known to exist, ms since the epoch. */
  at: number;
}

/**
 * A file next to the database that remembers the newest seal. It detects that the journal and its seals were
 * truncated, or that both tables were replaced by older copies. Each machine has its own file.
 */
@Injectable()
export class SealWitness {
  private readonly folder: string;

  constructor(config: AppConfig) {
    this.folder = config.get('DATA_DIR');
  }

  /** The last remembered seal; null if there is none, or if the file cannot be read. */
  read(): WitnessedSeal | null {
    try {
      const { number, digest, at } = JSON.parse(readFileSync(this.file, 'utf8')) as Partial<WitnessedSeal>;
      const sane =
        Number.isSafeInteger(number) && typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest);
      return sane ? { number: number!, digest, at: Number.isSafeInteger(at) ? at! : 0 } : null;
    } catch {
      return null;
    }
  }

  /** Stores a seal atomically: after a power failure the file is either the old one or the new one. */
  write(seal: WitnessedSeal): void {
    makeFolderSync(this.folder);
    const temporary = `${this.file}.${randomBytes(4).toString('hex')}.tmp`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(seal)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.file);
  }

  private get file(): string {
    return join(this.folder, 'audit-seal.json');
  }
}
