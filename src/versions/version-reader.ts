import { Injectable } from '@nestjs/common';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes } from '../platform/ids/uuid';
import { CodecPool } from './codec-pool';
import { DamagedVersions, isDamage } from './damaged-versions';
import { CorruptVersionError } from './domain/corrupt-version.error';
import { placeOf, type GraphRef, type Head } from './domain/head';
import { openFrame, openHead } from './domain/sealed-frames';
import { HeadCache } from './head-cache';
import { VersionsStore } from './versions.store';

type Owned = Pick<GraphRef, 'userId'>;

/** Reads documents back. A document that does not match its hash is an error and never returned. */
@Injectable()
export class VersionReader {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly keyring: Keyring,
    private readonly codec: CodecPool,
    private readonly damaged: DamagedVersions,
    private readonly heads: HeadCache,
  ) {}

  /**
   * The config of the newest version: the copy on the graph's row, or the chain if there is no copy or it is
   * damaged. A damaged copy is reported, and the graph's next change replaces it. Undefined: the version no longer
   * exists because the graph was changed and pruned since the row was read.
   */
  async readHead(ref: GraphRef, head: Head): Promise<Buffer | undefined> {
    const known = this.heads.get(ref.graphKey, head);
    if (known) return known;
    const config = head.sealed.length > 0 ? await this.readCopy(ref, head) : await this.readNewest(ref, head);
    if (config) this.heads.put(ref.graphKey, head, config);
    return config;
  }

  /** Reports a version that its graph's row names but that has no row, like any damage, and throws. */
  async missing(ref: GraphRef, version: number): Promise<never> {
    return this.damaged.watch(ref, version, () =>
      Promise.reject(new CorruptVersionError(version, version, 'missing-row')),
    );
  }

  /** The config of any version; undefined if the version does not exist. Throws if it is damaged. */
  async readConfig(ref: GraphRef, version: number): Promise<Buffer | undefined> {
    const rows = await this.unitOfWork.read((em) => this.store.chain(em, placeOf(ref), version));
    if (!rows.some((row) => row.version === version)) return undefined;
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    return this.damaged.watch(ref, version, async () =>
      this.codec.decodeChain(
        rows.map((row) => openFrame(key, ref, row, version)),
        version,
        ref.userId,
      ),
    );
  }

  /** Whether a document is the one that the head names. */
  async isOf({ userId }: Owned, head: Head, config: Buffer): Promise<boolean> {
    return (await this.codec.sha256(config, userId)).equals(head.configSha256);
  }

  private async readCopy(ref: GraphRef, head: Head): Promise<Buffer> {
    const { version, configBytes: bytes, configSha256: sha256, sealed } = head;
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    try {
      return await this.damaged.watch(ref, version, () =>
        this.codec.decodeHead(
          { version, bytes, sha256, frame: openHead(key, ref, version, sealed) },
          ref.userId,
        ),
      );
    } catch (error) {
      if (!isDamage(error)) throw error;
      const config = await this.readConfig(ref, version);
      if (!config || !(await this.isOf(ref, head, config))) throw error;
      return config;
    }
  }

  private async readNewest(ref: GraphRef, head: Head): Promise<Buffer | undefined> {
    const { version } = head;
    const config = await this.readConfig(ref, version);
    if (!config || (await this.isOf(ref, head, config))) return config;
    return this.damaged.watch(ref, version, () =>
      Promise.reject(new CorruptVersionError(version, version, 'wrong-hash')),
    );
  }
}
