import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';

/** The newest seal that this machine has seen, kept outside the database. */
export interface WitnessedSeal {
  number: number;
  /** Hex. */
  digest: string;
  /** When it was known to be there, ms since the epoch. */
  at: number;
}

/**
 * A file beside the database that remembers the newest seal: who cuts the journal and its seals, or puts older
 * copies of both tables back, leaves a database that does not know it. Each machine has its own.
 */
@Injectable()
export class SealWitness {
  private readonly folder: string;

  constructor(config: AppConfig) {
    this.folder = config.get('DATA_DIR');
  }

  /** The seal that was remembered last; null when none was, or when the file cannot be read as one. */
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

  /** Remembers a seal, in one step: the file is the old one or the new one, also after a power cut. */
  write(seal: WitnessedSeal): void {
    mkdirSync(this.folder, { recursive: true });
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
