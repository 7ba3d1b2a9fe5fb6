import { request } from 'node:http';
import { connect } from 'node:net';
import { ApiAnswer } from './client';

/** A request as it goes over the wire: nothing is added to it and its path is not tidied up, as `fetch` would. */
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
  return new Promise((resolve, reject) => {
    let answered = false;
    const sent = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      answered = true;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const pairs = Object.entries(answer.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve(new ApiAnswer(answer.statusCode ?? 0, new Headers(pairs), Buffer.concat(chunks)));
      });
    });
    // A server that has answered may close while the rest of the body is still being sent.
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    sent.end(body);
  });
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
