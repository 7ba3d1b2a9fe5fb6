import { Injectable } from '@nestjs/common';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { uuidBytes } from '../platform/ids/uuid';
import { decodeEvery, decodeHead, type StoredVersion } from './domain/codec';
import { CorruptVersionError } from './domain/corrupt-version.error';
import { openFrame, openHead } from './domain/sealed-frames';
import { placeOf, type GraphRef, type Head } from './versions.service';
import type { FrameRow } from './domain/version.entity';
import { VersionsStore } from './versions.store';

/** Damage that a check found. `version` null: in the graph itself. */
export interface Damage {
  version: number | null;
  /** What is wrong; never contains content. */
  reason: string;
}

/** The result of reading back a whole graph. */
export interface GraphCheckResult {
  /** Versions read, and the bytes of their documents. */
  versions: number;
  bytes: number;
  damage: Damage[];
}

/** Reads everything that is stored of a graph and compares it with its hashes. Changes nothing. */
@Injectable()
export class VersionCheckService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Decodes every version of a graph, each row once, and the copy of the current config if there is one. Memory: the
   * graph's frames and a few documents.
   */
  async check(ref: GraphRef, head: Head): Promise<GraphCheckResult> {
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId)).catch(unreadableKey);
    if (!key)
      return {
        versions: 0,
        bytes: 0,
        damage: [{ version: null, reason: "the user's data key cannot be read" }],
      };
    const place = placeOf(ref);
    const rows = await this.unitOfWork.read((em) => this.store.frames(em, place));
    const textless = await this.unitOfWork.read((em) => this.store.withoutText(em, place));
    const { opened, damage } = openAll(key, ref, rows);
    let bytes = 0;
    for (const decoded of decodeEvery(opened)) {
      if (decoded.error) damage.push({ version: decoded.version, reason: describe(decoded.error) });
      else bytes += decoded.bytes.length;
    }
    damage.push(...textless.map((version) => ({ version, reason: 'its title and description are missing' })));
    damage.push(...headDamage(key, ref, head, rows));
    return {
      versions: rows.length,
      bytes,
      damage: damage.sort((a, b) => (a.version ?? 0) - (b.version ?? 0)),
    };
  }
}

function openAll(
  key: Buffer,
  ref: GraphRef,
  rows: readonly FrameRow[],
): { opened: StoredVersion[]; damage: Damage[] } {
  const opened: StoredVersion[] = [];
  const damage: Damage[] = [];
  for (const row of rows) {
    try {
      opened.push(openFrame(key, ref, row));
    } catch (error) {
      if (!(error instanceof CorruptVersionError)) throw error;
      damage.push({ version: row.version, reason: 'its bytes were changed' });
    }
  }
  return { opened, damage };
}

function headDamage(key: Buffer, ref: GraphRef, head: Head, rows: readonly FrameRow[]): Damage[] {
  const { version, configBytes: bytes, configSha256: sha256 } = head;
  const newest = rows.at(-1);
  if (!newest || newest.version < version)
    return [{ version, reason: 'the row of the newest version is missing' }];
  // The graph was changed after its row was read; the next check covers the new version.
  if (newest.version > version) return [];
  if (!newest.config_sha256.equals(sha256))
    return [{ version, reason: 'the current state differs from the newest version' }];
  if (head.sealed.length === 0) return [];
  try {
    decodeHead({ version, bytes, sha256, frame: openHead(key, ref, version, head.sealed) });
    return [];
  } catch (error) {
    if (!(error instanceof CorruptVersionError)) throw error;
    return [{ version, reason: 'the copy of the current config was changed' }];
  }
}

function describe({ version, at, reason }: CorruptVersionError): string {
  return at === version
    ? `does not read back: ${reason}`
    : `cannot be read because version ${at} is damaged or missing`;
}

function unreadableKey(error: unknown): undefined {
  if (error instanceof AppError && error.kind === 'internal') return undefined;
  throw error;
}
