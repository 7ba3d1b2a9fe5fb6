import { Injectable } from '@nestjs/common';
import { copyFrame } from '../platform/compression/copy-frame';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes } from '../platform/ids/uuid';
import { CodecPool } from './codec-pool';
import { isDamage } from './damaged-versions';
import {
  chainStateOf,
  isWorthACopy,
  placeNext,
  stateAfter,
  type ChainState,
  type Placement,
} from './domain/chain';
import {
  FIRST_VERSION,
  placeOf,
  type Config,
  type GraphRef,
  type Head,
  type PreparedVersion,
} from './domain/head';
import { sealFrame, sealHead } from './domain/sealed-frames';
import { VersionReader } from './version-reader';
import { VersionsStore } from './versions.store';

const NO_COPY: Buffer = Buffer.alloc(0);

/** Encodes and encrypts versions before the transaction that writes them. */
@Injectable()
export class VersionPreparer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly keyring: Keyring,
    private readonly codec: CodecPool,
    private readonly reader: VersionReader,
  ) {}

  /** A document with its SHA-256, from which versions are prepared. `owner`: the id of its user. */
  async digest(bytes: Buffer, owner: string): Promise<Config> {
    return { bytes, sha256: await this.codec.sha256(bytes, owner) };
  }

  /** Prepares the first version of a graph that has no row yet. */
  prepareFirst(ref: Omit<GraphRef, 'graphKey'>, config: Config): Promise<PreparedVersion> {
    const placement = placeNext(null, 0, config.bytes.length);
    return this.prepare(ref, null, FIRST_VERSION, placement, null, config);
  }

  /**
   * Prepares the version after `head`. The result is valid only for that head: write it with compare-and-set, and
   * prepare again if the head has changed. `config` null: the document stays as it is, even if it cannot be read.
   */
  async prepareNext(ref: GraphRef, head: Head, config: Config | null): Promise<PreparedVersion> {
    const { state, placement, base } = await this.placeNext(
      ref,
      head,
      config?.bytes.length ?? head.configBytes,
    );
    const document = config ?? (await this.sameAs(ref, head, placement, base));
    if (!document) return this.prepareUnread(ref, head);
    return this.prepare(ref, state, head.version + 1, placement, base, document);
  }

  private async prepare(
    ref: Omit<GraphRef, 'graphKey'>,
    state: ChainState | null,
    version: number,
    placement: Placement,
    base: Buffer | null,
    config: Config,
  ): Promise<PreparedVersion> {
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const { frame, patched } = await this.codec.encode(config.bytes, base, placement.worth, ref.userId);
    const baseVersion = patched ? placement.base : null;
    const chain = stateAfter(state, placement, version, patched);
    const copy = isWorthACopy(chain, config.bytes.length)
      ? await this.codec.encodeHead(config.bytes, ref.userId)
      : null;
    return {
      base: baseVersion,
      frame: sealFrame(key, ref, version, baseVersion, frame),
      head: {
        version,
        configBytes: config.bytes.length,
        configSha256: config.sha256,
        chain,
        sealed: copy ? sealHead(key, ref, version, copy) : NO_COPY,
      },
      config: config.bytes,
    };
  }

  /** The document of the newest version; null if it is damaged, which is reported. */
  private async sameAs(
    ref: GraphRef,
    head: Head,
    placement: Placement,
    base: Buffer | null,
  ): Promise<Config | null> {
    const sha256 = head.configSha256;
    if (base && placement.base === head.version) return { bytes: base, sha256 };
    try {
      const bytes = (await this.reader.readHead(ref, head)) ?? (await this.reader.missing(ref, head.version));
      return { bytes, sha256 };
    } catch (error) {
      if (!isDamage(error)) throw error;
      return this.smallest(ref, head);
    }
  }

  /** Two documents are too short for a patch; they are recognised by their hash. */
  private async smallest(ref: GraphRef, head: Head): Promise<Config | null> {
    for (const text of ['{}', '[]']) {
      const bytes = Buffer.from(text);
      if (await this.reader.isOf(ref, head, bytes)) return { bytes, sha256: head.configSha256 };
    }
    return null;
  }

  /**
   * Prepares a version with the same document as a damaged newest version, without reading it: an empty patch. It
   * becomes readable when the damaged row is replaced from a backup.
   */
  private async prepareUnread(ref: GraphRef, head: Head): Promise<PreparedVersion> {
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const version = head.version + 1;
    return {
      base: head.version,
      frame: sealFrame(key, ref, version, head.version, copyFrame(head.configBytes)),
      head: { ...head, version, sealed: NO_COPY },
      config: null,
    };
  }

  /** Where the next version goes. A damaged base was already reported; writing continues without it. */
  private async placeNext(ref: GraphRef, head: Head, bytes: number): Promise<NextPlace> {
    try {
      const placement = placeNext(head.chain, head.version, bytes);
      if (placement.base === null) return { state: head.chain, placement, base: null };
      const base = await this.readBase(ref, head, placement.base);
      return base ? { state: head.chain, placement, base } : await this.placeFromLinks(ref, head, bytes);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return baseless(head, bytes);
    }
  }

  /** The anchor that the row names was pruned: derives the state from the links. */
  private async placeFromLinks(ref: GraphRef, head: Head, bytes: number): Promise<NextPlace> {
    const state = chainStateOf(await this.unitOfWork.read((em) => this.store.links(em, placeOf(ref))));
    const placement = placeNext(state, head.version, bytes);
    const base = placement.base === null ? undefined : await this.readBase(ref, head, placement.base);
    return base ? { state, placement, base } : baseless(head, bytes);
  }

  private readBase(ref: GraphRef, head: Head, version: number): Promise<Buffer | undefined> {
    return version === head.version ? this.reader.readHead(ref, head) : this.reader.readConfig(ref, version);
  }
}

interface NextPlace {
  state: ChainState | null;
  placement: Placement;
  base: Buffer | null;
}

/** Without its base, a full frame is always correct. */
function baseless(head: Head, bytes: number): NextPlace {
  return { state: null, placement: placeNext(null, head.version, bytes), base: null };
}
