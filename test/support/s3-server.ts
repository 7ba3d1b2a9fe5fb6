import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A small server that speaks what the S3 API reference documents of PutObject, GetObject, DeleteObject,
 * ListObjectsV2 and multipart uploads: names in the order of their bytes, 1,000 to a page, parts of 5 MiB or more
 * but the last, Signature Version 4 checked in full.
 */
export interface S3Server {
  url(prefix: string): string;
  /** What all requests are answered with until it is undefined again. */
  fault: { status: number; code: string } | undefined;
  /** How long each answer takes, ms. */
  delayMs: number;
  /** How many of the next requests are answered with 503 SlowDown. */
  slowDowns: number;
  objects: Map<string, Buffer>;
  /** Multipart uploads that are not completed and not aborted. */
  uploads: Map<string, Map<number, Buffer>>;
  close(): Promise<void>;
}

const BUCKET = 'copies';
const ACCESS_KEY = 'AKIATESTTESTTEST';
const SECRET = 'a secret of tests';
const REGION = 'eu-test-1';
const PART_MIN = 5 * 1024 * 1024;
const PAGE = 1_000;

class S3Fault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** Starts the server on a free port, and sets the AWS variables of this process to what it accepts. */
export async function startS3(): Promise<S3Server> {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET });
  const http = createServer((request, response) => void serve(server, request, response));
  const server: S3Server = {
    url: (prefix) =>
      `s3://${BUCKET}/${prefix}?endpoint=http://127.0.0.1:${(http.address() as AddressInfo).port}&region=${REGION}&path_style=true`,
    fault: undefined,
    delayMs: 0,
    slowDowns: 0,
    objects: new Map(),
    uploads: new Map(),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return server;
}

async function serve(server: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (server.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, server.delayMs));
    if (server.slowDowns > 0) {
      server.slowDowns -= 1;
      throw new S3Fault(503, 'SlowDown');
    }
    if (server.fault) throw new S3Fault(server.fault.status, server.fault.code);
    requireSignature(request, body);
    const { status = 200, headers = {}, content = '' } = answer(server, request, body);
    response.writeHead(status, headers).end(content);
  } catch (error) {
    if (!(error instanceof S3Fault)) return void response.destroy();
    response
      .writeHead(error.status, { 'content-type': 'application/xml' })
      .end(`<?xml version="1.0"?><Error><Code>${error.code}</Code><Message>${error.code}</Message></Error>`);
  }
}

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  content?: string | Buffer;
}

function answer(server: S3Server, request: IncomingMessage, body: Buffer): Reply {
  const { pathname, searchParams } = new URL(request.url!, 'http://test');
  const [, bucket, ...rest] = pathname.split('/');
  if (bucket !== BUCKET) throw new S3Fault(404, 'NoSuchBucket');
  const key = decodeURIComponent(rest.join('/'));
  if (key === '') return list(server, searchParams);
  if (searchParams.has('uploads') || searchParams.has('uploadId'))
    return multipart(server, request.method!, key, searchParams, body);
  if (request.method === 'PUT') return put(server, key, body);
  if (request.method === 'DELETE') {
    server.objects.delete(key);
    return { status: 204 };
  }
  const content = server.objects.get(key);
  if (!content) throw new S3Fault(404, 'NoSuchKey');
  return { content };
}

function put(server: S3Server, key: string, body: Buffer): Reply {
  server.objects.set(key, body);
  return { headers: { etag: etagOf(body) } };
}

function multipart(
  server: S3Server,
  method: string,
  key: string,
  query: URLSearchParams,
  body: Buffer,
): Reply {
  if (query.has('uploads')) {
    const id = `upload-${server.uploads.size + 1}-${key.length}`;
    server.uploads.set(id, new Map());
    return xml(
      'InitiateMultipartUploadResult',
      `<Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId>`,
    );
  }
  const id = query.get('uploadId')!;
  const parts = server.uploads.get(id);
  if (!parts) throw new S3Fault(404, 'NoSuchUpload');
  if (method === 'PUT') {
    parts.set(Number(query.get('partNumber')), body);
    return { headers: { etag: etagOf(body) } };
  }
  if (method === 'POST') complete(server, key, parts, body);
  server.uploads.delete(id);
  return method === 'POST'
    ? xml('CompleteMultipartUploadResult', `<Bucket>${BUCKET}</Bucket><Key>${key}</Key>`)
    : { status: 204 };
}

function complete(server: S3Server, key: string, parts: Map<number, Buffer>, body: Buffer): void {
  const text = body.toString();
  const numbers = [...text.matchAll(/<PartNumber>(\d+)</g)].map((found) => Number(found[1]));
  const tags = [...text.matchAll(/<ETag>([^<]+)</g)].map((found) => found[1]!.replaceAll('&quot;', '"'));
  const chosen = numbers.map((number) => parts.get(number));
  if (chosen.some((part, i) => !part || etagOf(part) !== tags[i])) throw new S3Fault(400, 'InvalidPart');
  if (chosen.slice(0, -1).some((part) => part!.length < PART_MIN)) throw new S3Fault(400, 'EntityTooSmall');
  server.objects.set(key, Buffer.concat(chosen as Buffer[]));
}

function list(server: S3Server, query: URLSearchParams): Reply {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
  const keys = [...server.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, PAGE);
  const contents = page
    .map((key) => `<Contents><Key>${key}</Key><Size>${server.objects.get(key)!.length}</Size></Contents>`)
    .join('');
  const more = keys.length > PAGE;
  const next = more
    ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString('base64')}</NextContinuationToken>`
    : '';
  return xml('ListBucketResult', `<IsTruncated>${more}</IsTruncated>${contents}${next}`);
}

function xml(name: string, inside: string): Reply {
  return {
    headers: { 'content-type': 'application/xml' },
    content: `<?xml version="1.0"?><${name}>${inside}</${name}>`,
  };
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** AWS Signature Version 4, as the "Authenticating Requests" chapter of the S3 API reference has it. */
function requireSignature(request: IncomingMessage, body: Buffer): void {
  const given =
    /Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)/.exec(
      request.headers.authorization ?? '',
    );
  if (!given) throw new S3Fault(403, 'AccessDenied');
  const [, accessKey, day, region, signed, signature] = given as unknown as string[];
  if (accessKey !== ACCESS_KEY) throw new S3Fault(403, 'InvalidAccessKeyId');
  const payload = String(request.headers['x-amz-content-sha256']);
  if (payload !== createHash('sha256').update(body).digest('hex'))
    throw new S3Fault(400, 'XAmzContentSHA256Mismatch');
  const { pathname, searchParams } = new URL(request.url!, 'http://test');
  const query = [...searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
  const headers = signed!.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, pathname, query, headers.join(''), signed, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const key = [day!, region!, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${SECRET}`);
  if (hmac(key, text).toString('hex') !== signature) throw new S3Fault(403, 'SignatureDoesNotMatch');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
