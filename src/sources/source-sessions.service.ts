import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import { Keyring } from '../platform/crypto/keyring';
import { open, seal } from '../platform/crypto/sealed-box';
import { JsonScanPool } from '../platform/http/json-scan-pool';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { OutboundClient } from '../platform/outbound/outbound-client';
import { Workers } from '../platform/workers/workers';
import type { ConnectorSession, Limits } from './connectors/connector';
import { Connectors } from './connectors/connectors';
import { COMMON_OPTIONS, withDefaults, type Fields } from './domain/fields';
import { kindName, type SourceKind } from './domain/source-kind';
import type { SourceRow } from './domain/source.entity';
import { SecretCounter } from './secret-counter';

/** An answer of a tool may hold several documents. */
const ANSWER_DOCUMENTS = 4;
const NO_BYTES = Buffer.alloc(0);

/** What a connection is made of. */
export interface ConnectionSettings {
  kind: SourceKind;
  url: string;
  /** As they were given, without defaults. */
  options: Fields;
  credentials: Fields;
}

/** Opens connections to tools, and seals and opens their credentials. */
@Injectable()
export class SourceSessionsService implements OnModuleDestroy {
  private readonly scans: JsonScanPool;
  private readonly limits: Limits;

  constructor(
    private readonly connectors: Connectors,
    private readonly outbound: OutboundClient,
    private readonly keyring: Keyring,
    private readonly config: AppConfig,
    workers: Workers,
    /** Looks through what is read. */
    readonly secrets: SecretCounter,
  ) {
    this.scans = new JsonScanPool(workers);
    const documentBytes = config.get('MAX_BODY_BYTES');
    const answerBytes = documentBytes * ANSWER_DOCUMENTS;
    this.limits = { documentBytes, answerBytes, folders: config.get('SOURCE_FOLDERS') };
  }

  onModuleDestroy(): Promise<void> {
    return this.scans.close();
  }

  /** Connects, runs `work` and closes the connection. Rejects with a ConnectorError or an OutboundError. */
  async use<T>(
    settings: ConnectionSettings,
    signal: AbortSignal,
    work: (session: ConnectorSession) => Promise<T>,
  ): Promise<T> {
    const connector = this.connectors.get(settings.kind);
    const options = withDefaults({ ...COMMON_OPTIONS, ...connector.options }, settings.options);
    const http = this.outbound.open({ verifyTls: options['verify_tls'] !== false });
    try {
      const { url, credentials } = settings;
      const scan = (bytes: Buffer) => this.scan(bytes);
      const { limits } = this;
      return await work(await connector.connect({ url, options, credentials, http, signal, limits, scan }));
    } finally {
      http.close();
    }
  }

  /** Seals credentials with the user's data key; nothing for none. */
  async seal(userKey: number, userId: string, sourceId: string, credentials: Fields): Promise<Buffer> {
    if (Object.keys(credentials).length === 0) return NO_BYTES;
    const owner = uuidBytes(userId);
    const key = await this.keyring.dataKey(userKey, owner);
    return seal(key, Buffer.from(JSON.stringify(credentials)), place(owner, sourceId));
  }

  /** The connection of a stored source. Rejects with an AppError or an UnsealError if its credentials cannot be read. */
  async settingsOf(source: SourceRow, userId: string): Promise<ConnectionSettings> {
    const { user_key, id, credentials: sealed, kind, url, options } = source;
    const credentials = await this.open(user_key, userId, uuidText(id), sealed);
    return { kind: kindName(kind), url, options: JSON.parse(options) as Fields, credentials };
  }

  private async open(userKey: number, userId: string, sourceId: string, sealed: Buffer): Promise<Fields> {
    if (sealed.length === 0) return {};
    const owner = uuidBytes(userId);
    const key = await this.keyring.dataKey(userKey, owner);
    return JSON.parse(open(key, sealed, place(owner, sourceId)).toString('utf8')) as Fields;
  }

  private async scan(bytes: Buffer): Promise<void> {
    // An answer wraps documents in a few levels more.
    await this.scans.scan(bytes, { maxDepth: this.config.get('MAX_JSON_DEPTH') + 8, maxMembers: 0 });
  }
}

/** Binds sealed credentials to their owner and their source. */
function place(owner: Buffer, sourceId: string): Buffer {
  return Buffer.concat([Buffer.from('source credentials'), owner, uuidBytes(sourceId)]);
}
