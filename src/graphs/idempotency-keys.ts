import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { isUniqueViolation } from '../platform/database/database-errors';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, invalid } from '../platform/errors/app-error';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import type { Graph } from './domain/graph';
import type { IdempotencyKeyRow } from './domain/idempotency-key.entity';
import { GraphReaderService } from './graph-reader.service';
import { IdempotencyStore } from './idempotency.store';

/** How long a key is remembered, ms. */
export const REMEMBERED_MS = 86_400_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Stores which graph a key created, in the transaction that creates the graph. */
export type Remember = (em: EntityManager, graphId: string) => Promise<void>;

/** Makes a retried creation safe: within 24 h, the same key and body create one graph. */
@Injectable()
export class IdempotencyKeys {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: IdempotencyStore,
    private readonly reader: GraphReaderService,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the graph that the key created, as it is now, or creates it. 422 if the key was used with another body,
   * 409 if its graph was deleted.
   */
  async once(
    caller: Caller,
    retry: { key: string; body: Buffer },
    make: (remember: Remember) => Promise<Graph>,
  ): Promise<Graph> {
    if (!KEY.test(retry.key))
      throw invalid([{ field: 'Idempotency-Key', message: 'must have 1 to 255 printable ASCII characters' }]);
    const keySha256 = sha256(retry.key);
    const requestSha256 = sha256(retry.body);
    const known = await this.find(caller, keySha256);
    if (known) return this.replay(caller, known, requestSha256);
    try {
      return await make((em, graphId) => this.remember(em, caller, { keySha256, requestSha256, graphId }));
    } catch (error) {
      // Two requests with the same key ran at once, and the other one won.
      const first = isUniqueViolation(error) ? await this.find(caller, keySha256) : undefined;
      if (!first) throw error;
      return this.replay(caller, first, requestSha256);
    }
  }

  private find(caller: Caller, keySha256: Buffer): Promise<IdempotencyKeyRow | undefined> {
    const since = this.clock.now() - REMEMBERED_MS;
    return this.unitOfWork.read((em) => this.store.find(em, caller.key, keySha256, since));
  }

  private remember(
    em: EntityManager,
    caller: Caller,
    made: { keySha256: Buffer; requestSha256: Buffer; graphId: string },
  ): Promise<void> {
    const now = this.clock.now();
    const { keySha256: key_sha256, requestSha256: request_sha256, graphId } = made;
    const row = {
      user_key: caller.key,
      key_sha256,
      request_sha256,
      graph_id: uuidBytes(graphId),
      created_at: now,
    };
    return this.store.put(em, row, now - REMEMBERED_MS);
  }

  private async replay(caller: Caller, known: IdempotencyKeyRow, requestSha256: Buffer): Promise<Graph> {
    if (!known.request_sha256.equals(requestSha256)) {
      throw new AppError(
        'unprocessable',
        'idempotency-key-reused',
        'This Idempotency-Key was already used with another body. Use a new key for a new graph.',
      );
    }
    return this.reader.get(caller, uuidText(known.graph_id)).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.kind !== 'not_found') throw error;
      throw new AppError(
        'conflict',
        'made-and-deleted',
        'The graph that this Idempotency-Key created was deleted. Recover it, or use a new key.',
      );
    });
  }
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
