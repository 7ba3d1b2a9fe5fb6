import { connect, type Socket } from 'node:net';

/** An answer's status and the length of its body, bytes. */
export interface Answer {
  status: number;
  bytes: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive HTTP/1.1 connection that sends prepared requests one after the other. It reads no more of an
 * answer than status and Content-Length: a client library would take as much of the shared cores as the servers.
 */
export class Connection {
  private readonly parts: Buffer[] = [];
  private held = 0;
  private awaited: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  private answer: Answer | null = null;
  /** Bytes of head and body together, once the head is read. */
  private whole = Infinity;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (part: Buffer) => this.take(part));
    socket.on('error', (error) => this.awaited?.reject(error));
    socket.on('close', () => this.awaited?.reject(new Error('The server closed the connection.')));
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket)));
    });
  }

  /** Sends a whole request and resolves when its answer is complete. */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.awaited = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(part: Buffer): void {
    this.parts.push(part);
    this.held += part.length;
    if (!this.answer) this.readHead();
    if (!this.answer || this.held < this.whole) return;
    const { answer, awaited } = this;
    this.parts.length = 0;
    this.held = 0;
    this.whole = Infinity;
    this.answer = null;
    awaited?.resolve(answer);
  }

  private readHead(): void {
    const start = this.parts.length === 1 ? (this.parts[0] as Buffer) : Buffer.concat(this.parts);
    const end = start.indexOf(HEAD_END);
    if (end < 0) return;
    const head = start.toString('latin1', 0, end);
    const bytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.answer = { status: Number(head.slice(9, 12)), bytes };
    this.whole = end + HEAD_END.length + bytes;
  }
}

/** A request as it goes over the wire. */
export function requestBytes(method: string, path: string, token: string, body?: Buffer): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n`;
  if (!body) return Buffer.from(`${head}\r\n`);
  const more = `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head + more), body]);
}
