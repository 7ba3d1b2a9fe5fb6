import {
  request as httpRequest,
  type Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { OutboundError, outboundErrorOf } from './outbound-error';

/** Time for a whole request, ms. */
const REQUEST_MS = 60_000;
/** Time without a byte, ms. */
const IDLE_MS = 20_000;
/** Headers of an answer, bytes. */
const HEADER_BYTES = 64 * 1024;
/** A body that is not wanted, up to this size, is let in, so that its connection can be used again, bytes. */
const UNREAD_BYTES = 16 * 1024;
/** Answers before the answer, such as 103. */
const PRELIMINARY_MAX = 20;
const NO_BYTES = Buffer.alloc(0);

/** How a server is reached. */
export interface Route {
  host: string;
  lookup: LookupFunction;
}

/** What a session is made of. */
export interface SessionParts {
  http: HttpAgent;
  https: HttpsAgent;
  /** Throws an OutboundError for an address that is not allowed. */
  route(url: URL): Route;
}

/** A request to a foreign server. */
export interface OutboundRequest {
  method?: string;
  url: URL;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
  /** The largest answer that is accepted, bytes. */
  maxBytes: number;
  /** True: only the status and the headers matter; the body is not read, and `body` of the answer is empty. */
  ignoreBody?: boolean;
  /** Time for the whole request, ms; 60 s unless given. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** An answer of a foreign server, with any status except redirects. */
export interface OutboundResponse {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** Seconds that `Retry-After` names; undefined without one. */
  retryAfter: number | undefined;
}

/** Requests to one foreign server over connections that are kept open. Every failure is an OutboundError. */
export class OutboundSession {
  constructor(private readonly parts: SessionParts) {}

  async request(request: OutboundRequest): Promise<OutboundResponse> {
    const { host, lookup } = this.parts.route(request.url);
    const limit = AbortSignal.timeout(request.timeoutMs ?? REQUEST_MS);
    const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
    try {
      const response = await this.send(request, lookup, signal);
      return await this.receive(request, response, host);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (limit.aborted)
        throw new OutboundError(
          `${host} took longer than ${Math.round((request.timeoutMs ?? REQUEST_MS) / 1_000)} s to answer.`,
        );
      throw outboundErrorOf(error, host);
    }
  }

  /** Closes the connections. */
  close(): void {
    this.parts.http.destroy();
    this.parts.https.destroy();
  }

  private send(
    request: OutboundRequest,
    lookup: LookupFunction,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { url, method = 'GET', body } = request;
    const secure = url.protocol === 'https:';
    const headers = { ...request.headers, 'accept-encoding': 'identity', 'user-agent': 'GraphOMAT-Backup' };
    const options = { method, headers, lookup, signal, timeout: IDLE_MS, maxHeaderSize: HEADER_BYTES };
    return new Promise((resolve, reject) => {
      const sent = secure
        ? httpsRequest(url, { ...options, agent: this.parts.https })
        : httpRequest(url, { ...options, agent: this.parts.http });
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' })));
      sent.on('error', reject);
      sent.on('response', resolve);
      refuseOtherAnswers(sent, url.hostname, reject);
      // Whatever else ends the connection: a request that is never answered would hold its caller for good.
      sent.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
      sent.end(body);
    });
  }

  private async receive(
    { maxBytes, ignoreBody = false }: OutboundRequest,
    response: IncomingMessage,
    host: string,
  ): Promise<OutboundResponse> {
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      response.destroy();
      throw new OutboundError(`${host} redirects to another address (${status}). Enter the final address.`);
    }
    if (ignoreBody) {
      leaveUnread(response);
      return { status, headers: headersOf(response), body: NO_BYTES, retryAfter: retryAfterOf(response) };
    }
    const encoding = response.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      response.destroy();
      throw new OutboundError(`${host} compresses its answers although it was asked not to.`);
    }
    const body = await readBody(response, maxBytes, host);
    return { status, headers: headersOf(response), body, retryAfter: retryAfterOf(response) };
  }
}

/** Another protocol (101), and preliminary answers (1xx) without end. */
function refuseOtherAnswers(sent: ClientRequest, host: string, refuse: (error: Error) => void): void {
  sent.on('upgrade', (_, socket) => {
    refuse(new OutboundError(`${host} changes to another protocol (101).`));
    socket.destroy();
  });
  let preliminary = 0;
  sent.on('information', () => {
    preliminary += 1;
    if (preliminary <= PRELIMINARY_MAX) return;
    refuse(new OutboundError(`${host} sends too many preliminary answers.`));
    sent.destroy();
  });
}

/** Keeps the connection only if little is left to come on it. */
function leaveUnread(response: IncomingMessage): void {
  response.on('error', () => undefined);
  const length = Number(response.headers['content-length'] ?? Infinity);
  if (length <= UNREAD_BYTES) response.resume();
  else response.destroy();
}

function headersOf(response: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function retryAfterOf(response: IncomingMessage): number | undefined {
  return secondsOf(response.headers['retry-after']);
}

async function readBody(response: IncomingMessage, maxBytes: number, host: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new OutboundError(
        `${host} sends more than ${Math.floor(maxBytes / 1_048_576)} MiB in one answer, which is the limit.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** Only the form in seconds: a date would need the server's clock. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined;
}
