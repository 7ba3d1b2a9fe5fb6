import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/keyring';
import { open, seal } from '../../platform/crypto/sealed-box';
import { uuidBytes } from '../../platform/ids/uuid';

/** What of a webhook is sealed: where it sends to, and the secrets that sign. */
export interface WebhookSecrets {
  url: string;
  secret: Buffer;
  /** The secret before; null if there is none, or if its time is over. */
  previous: Buffer | null;
}

interface Stored {
  url: string;
  secret: string;
  previous: string | null;
}

/** A webhook of an account. */
interface Owned {
  userKey: number;
  userId: string;
  id: Buffer;
}

/** Seals addresses and secrets of webhooks with the data key of their owner. */
@Injectable()
export class WebhookVault {
  constructor(private readonly keyring: Keyring) {}

  async seal({ userKey, userId, id }: Owned, { url, secret, previous }: WebhookSecrets): Promise<Buffer> {
    const owner = uuidBytes(userId);
    const stored: Stored = {
      url,
      secret: secret.toString('base64'),
      previous: previous && previous.toString('base64'),
    };
    const key = await this.keyring.dataKey(userKey, owner);
    return seal(key, Buffer.from(JSON.stringify(stored)), place(owner, id));
  }

  /** Rejects with an AppError or an UnsealError if the bytes cannot be read. */
  async open({ userKey, userId, id }: Owned, sealed: Buffer): Promise<WebhookSecrets> {
    const owner = uuidBytes(userId);
    const key = await this.keyring.dataKey(userKey, owner);
    const stored = JSON.parse(open(key, sealed, place(owner, id)).toString('utf8')) as Stored;
    return {
      url: stored.url,
      secret: Buffer.from(stored.secret, 'base64'),
      previous: stored.previous === null ? null : Buffer.from(stored.previous, 'base64'),
    };
  }
}

/** Binds the bytes to their owner and their webhook. */
function place(owner: Buffer, id: Buffer): Buffer {
  return Buffer.concat([Buffer.from('webhook'), owner, id]);
}
