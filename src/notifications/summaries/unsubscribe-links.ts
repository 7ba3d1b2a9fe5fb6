import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config';
import { Keyring } from '../../platform/crypto/keyring';

const ID_BYTES = 16;
const MAC_BYTES = 32;
const PURPOSE = 'stop weekly summaries ';
/** The path of the route below the API's prefix. */
export const UNSUBSCRIBE_PATH = 'notifications/weekly-summary/unsubscribe';

/**
 * Links that stop weekly summaries without signing in. A link names the account and is signed with the service's own
 * key, so it can't be made for another account, and it works as long as the account exists.
 */
@Injectable()
export class UnsubscribeLinks {
  constructor(
    private readonly keyring: Keyring,
    private readonly config: AppConfig,
  ) {}

  /** The link of an account; `id` is the 16 bytes of its id. */
  async of(id: Buffer): Promise<string> {
    const token = Buffer.concat([id, await this.sign(id)]).toString('base64url');
    const beginning = `${this.config.get('PUBLIC_URL') ?? ''}${this.config.get('API_V1_STR')}`;
    return `${beginning}/${UNSUBSCRIBE_PATH}?token=${token}`;
  }

  /** The id of the account that a token names; undefined for a token that this service has not made. */
  async accountOf(token: string): Promise<Buffer | undefined> {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length !== ID_BYTES + MAC_BYTES) return undefined;
    const id = bytes.subarray(0, ID_BYTES);
    return timingSafeEqual(bytes.subarray(ID_BYTES), await this.sign(id)) ? id : undefined;
  }

  private async sign(id: Buffer): Promise<Buffer> {
    return createHmac('sha256', await this.keyring.serviceKey())
      .update(PURPOSE)
      .update(id)
      .digest();
  }
}
