import { randomUUID } from 'node:crypto';
import { closeSync, createWriteStream, openSync, unlinkSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCodes } from 'fastify';
import { AppError } from '../errors/app-error';
import { connectionLost } from './body-reader';

/** A file that was uploaded; it has no name, so the system removes it when it is closed, or when the process ends. */
export interface UploadedFile {
  fd: number;
  close: () => void;
}

/** A request's body that is a file, still on its way. Nothing of it is kept in memory. */
export class UnreadFile {
  constructor(
    private readonly payload: IncomingMessage,
    private readonly sayContinue: () => void,
  ) {}

  /**
   * Writes the body to a file in `folder`, readable by this process alone. Rejects with 413 for more than `limit` bytes,
   * 400 when the connection breaks off, 503 when the disk is full.
   */
  async save(folder: string, limit: number): Promise<UploadedFile> {
    if (Number(this.payload.headers['content-length'] ?? 0) > limit)
      throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
    const path = join(folder, `upload-${randomUUID()}.tmp`);
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    const close = () => closeSync(fd);
    try {
      this.sayContinue();
      await pipeline(this.payload, upTo(limit), createWriteStream('', { fd, autoClose: false }));
      return { fd, close };
    } catch (error) {
      close();
      throw asAnswer(error as NodeJS.ErrnoException);
    }
  }
}

function upTo(limit: number): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > limit) done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      else done(null, chunk);
    },
  });
}

function asAnswer(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET') return connectionLost();
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return error;
  const sentence = 'There is no room on the disk for the upload. Nothing was imported.';
  return new AppError('unavailable', 'disk-full', sentence, { cause: error, retryAfter: 60 });
}
