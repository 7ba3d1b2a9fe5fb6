import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import {
  ObjectStore,
  ObjectStoreError,
  requireObjectName,
  type ObjectBytes,
  type StoredObject,
} from './object-store';
import type { S3Target } from './store-url';

const MIB = 1024 * 1024;
/**
 * S3 accepts at most 10,000 parts, each at least 5 MiB except the last. Later parts are larger: 10 GB fit in the
 * first thousand, 640 GB in total.
 */
const PART_BYTES = 8 * MIB;
const LATER_PART_BYTES = 64 * MIB;
const SMALL_PARTS = 1_000;
/** Attempts of one request, with the SDK's growing pauses. */
const ATTEMPTS = 5;
const CONNECT_WITHIN_MS = 5_000;
/** How long a connection may be silent, ms. */
const SILENT_FOR_MS = 60_000;

const DENIED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AllAccessDisabled',
  'ExpiredToken',
  'CredentialsProviderError',
]);
const FULL = /quota|insufficientstorage|storagefull|diskfull/i;

/**
 * An S3-compatible store. Small objects are one request, larger ones a multipart upload, which becomes visible only
 * when it is completed; a failed one is aborted, so that its parts are not kept. Credentials and region come from
 * the usual AWS variables.
 */
export class S3ObjectStore extends ObjectStore {
  readonly place: string;
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  constructor({ bucket, prefix, endpoint, region, pathStyle }: S3Target) {
    super();
    this.bucket = bucket;
    this.prefix = prefix === '' ? '' : `${prefix}/`;
    this.place = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    this.client = new S3Client({
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
      forcePathStyle: pathStyle,
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: SILENT_FOR_MS },
      // Older stores don't know the newer checksums; segments have their own hashes.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(name: string, bytes: ObjectBytes, signal?: AbortSignal): Promise<number> {
    const Key = this.key(name);
    try {
      const parts = inParts(bytes, signal);
      const first = (await parts.next()).value ?? Buffer.alloc(0);
      if (first.length < PART_BYTES) {
        await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: first }), {
          abortSignal: signal,
        });
        return first.length;
      }
      return await this.putInParts(Key, first, parts, signal);
    } catch (error) {
      throw this.explained(error, name, signal);
    }
  }

  async *get(name: string, signal?: AbortSignal): AsyncIterable<Buffer> {
    try {
      const command = new GetObjectCommand({ Bucket: this.bucket, Key: this.key(name) });
      const { Body } = await this.client.send(command, { abortSignal: signal });
      for await (const piece of Body as AsyncIterable<Uint8Array>) yield Buffer.from(piece);
    } catch (error) {
      throw this.explained(error, name, signal);
    }
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredObject> {
    const start = after === '' ? {} : { StartAfter: this.prefix + after };
    for (let token: string | undefined, more = true; more;) {
      const page = await this.page(
        { Bucket: this.bucket, Prefix: this.prefix + prefix, ...start, ContinuationToken: token },
        prefix,
      );
      for (const { Key, Size } of page.Contents ?? [])
        if (Key !== undefined) yield { name: Key.slice(this.prefix.length), bytes: Size ?? 0 };
      token = page.NextContinuationToken;
      more = token !== undefined && page.IsTruncated === true;
    }
  }

  async delete(name: string): Promise<void> {
    try {
      await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.key(name) }));
    } catch (error) {
      const explained = this.explained(error, name);
      if (!(explained instanceof ObjectStoreError && explained.fault === 'missing')) throw explained;
    }
  }

  close(): void {
    this.client.destroy();
  }

  private key(name: string): string {
    return this.prefix + requireObjectName(name);
  }

  private async page(input: ConstructorParameters<typeof ListObjectsV2Command>[0], prefix: string) {
    try {
      return await this.client.send(new ListObjectsV2Command(input));
    } catch (error) {
      throw this.explained(error, prefix);
    }
  }

  private async putInParts(
    Key: string,
    first: Buffer,
    rest: AsyncGenerator<Buffer, undefined>,
    signal?: AbortSignal,
  ): Promise<number> {
    const upload = { Bucket: this.bucket, Key };
    const { UploadId } = await this.client.send(new CreateMultipartUploadCommand(upload), {
      abortSignal: signal,
    });
    const parts: CompletedPart[] = [];
    let length = 0;
    try {
      for (let body: Buffer | undefined = first; body; body = (await rest.next()).value) {
        const PartNumber = parts.length + 1;
        const part = new UploadPartCommand({ ...upload, UploadId, PartNumber, Body: body });
        const { ETag } = await this.client.send(part, { abortSignal: signal });
        parts.push({ ETag, PartNumber });
        length += body.length;
      }
      await this.client.send(
        new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts } }),
        { abortSignal: signal },
      );
      return length;
    } catch (error) {
      await this.client.send(new AbortMultipartUploadCommand({ ...upload, UploadId })).catch(() => undefined);
      throw error;
    }
  }

  private explained(error: unknown, name: string, signal?: AbortSignal): unknown {
    if (error instanceof SourceError) return error.cause;
    if (error instanceof ObjectStoreError || error instanceof RangeError || signal?.aborted) return error;
    const { name: code, message } = error instanceof Error ? error : new Error(String(error));
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    const at = `${this.place}/${name}`;
    if (code === 'NoSuchKey' || code === 'NotFound')
      return new ObjectStoreError('missing', `The object ${at} does not exist.`, error);
    if (code === 'NoSuchBucket')
      return new ObjectStoreError(
        'unreachable',
        `The bucket ${this.bucket} of the backup store does not exist. Create it first.`,
        error,
      );
    // Before `denied`: Ceph reports an exceeded quota with 403.
    if (status === 507 || FULL.test(code))
      return new ObjectStoreError(
        'full',
        `The backup store is full (${code} at ${at}). Free space or move it.`,
        error,
      );
    if (status === 403 || DENIED.has(code))
      return new ObjectStoreError(
        'denied',
        `The backup store refuses the credentials (${code} at ${at}). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and their permissions.`,
        error,
      );
    return new ObjectStoreError(
      'unreachable',
      `The backup store does not answer (${code}${status ? ` ${status}` : ''} at ${at}): ${message}`,
      error,
    );
  }
}

/** The source of the bytes failed, not the store. */
class SourceError extends Error {}

async function* guarded(bytes: ObjectBytes): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw new SourceError('the source broke off', { cause: error });
  }
}

/** The bytes in pieces of the size of a part; only the last one is shorter. */
async function* inParts(bytes: ObjectBytes, signal?: AbortSignal): AsyncGenerator<Buffer, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  let parts = 0;
  for await (const piece of guarded(bytes)) {
    signal?.throwIfAborted();
    pieces.push(piece);
    length += piece.length;
    if (length < (parts < SMALL_PARTS ? PART_BYTES : LATER_PART_BYTES)) continue;
    yield Buffer.concat(pieces);
    parts += 1;
    pieces = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(pieces);
  return undefined;
}
