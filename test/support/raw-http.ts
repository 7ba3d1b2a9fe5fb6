import { connect } from 'node:net';
import { exchange, type ApiAnswer } from './client';

/** A request as it goes over the wire: nothing is added to it and its path is not tidied up, as `ApiClient` would. */
export interface RawRequest {
  method: string;
  /** The request target, exactly. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** Sends a request exactly as given, and reads the answer even when it comes before the body has been sent. */
export function rawRequest(url: string, { method, path, headers, body }: RawRequest): Promise<ApiAnswer> {
  const { hostname, port } = new URL(url);
  return exchange({ hostname, port, method, path, headers, agent: false }, body);
}

/** Sends bytes that need not be HTTP at all, and reads the answer until the server closes. */
export function rawBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
