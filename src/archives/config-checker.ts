import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import { JsonScanError } from '../platform/http/json-scan';
import { JsonScanPool } from '../platform/http/json-scan-pool';
import { Workers } from '../platform/workers/workers';
import { VersionsService } from '../versions/versions.service';
import { ImportFault } from './domain/import-fault';

export interface CheckOptions {
  /** The id of the user who imports. */
  owner: string;
  /** What the hash must be, hex. */
  sha256?: string;
}

/** Checks that imported bytes may be a config, as a request's body is checked. */
@Injectable()
export class ConfigChecker implements OnApplicationShutdown {
  /** Bytes of a config at most. */
  readonly maxBytes: number;
  private readonly maxDepth: number;
  private readonly pool: JsonScanPool;

  constructor(
    private readonly versions: VersionsService,
    config: AppConfig,
    workers: Workers,
  ) {
    this.maxBytes = config.get('MAX_BODY_BYTES');
    this.maxDepth = config.get('MAX_JSON_DEPTH');
    this.pool = new JsonScanPool(workers);
  }

  /**
   * The bytes of a JSON object or array, without white space around. Throws
   * ImportFault with a sentence that names `path`.
   */
  async checked(bytes: Buffer, path: string, { owner, sha256 }: CheckOptions): Promise<Buffer> {
    const { kind, start, end } = await this.scan(bytes, path);
    if (kind !== 'object' && kind !== 'array')
      throw new ImportFault(`${path} is not a JSON object or array.`);
    const config = bytes.subarray(start, end);
    if (sha256 !== undefined && (await this.versions.digest(config, owner)).sha256.toString('hex') !== sha256)
      throw new ImportFault(`${path} does not have the SHA-256 that its manifest names.`);
    return config;
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.close();
  }

  private async scan(bytes: Buffer, path: string) {
    try {
      return await this.pool.scan(bytes, { maxDepth: this.maxDepth });
    } catch (error) {
      if (error instanceof JsonScanError)
        throw new ImportFault(`${path}: ${error.message.replace(/\.*$/, '.')}`);
      throw error;
    }
  }
}
