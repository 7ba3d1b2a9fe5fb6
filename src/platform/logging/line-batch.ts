import { pino, type DestinationStream } from 'pino';

/**
 * Standard output, written asynchronously, so that a slow reader does not block requests. Lines of requests are written
 * together at the end of a turn of the event loop, other lines at once, after those that wait. Lines in memory are
 * written when the process ends, except by a kill.
 */
export class LineBatch implements DestinationStream {
  private readonly output: DestinationStream;
  private waiting = '';

  constructor(fd: number) {
    this.output = pino.destination({ fd, sync: false });
    // Before pino's own listener, which writes what the output holds.
    process.prependListener('exit', () => this.flush());
  }

  /** Adds a line to the batch. */
  write(line: string): void {
    if (this.waiting === '') setImmediate(() => this.flush());
    this.waiting += line;
  }

  /** Where lines go that must not wait. */
  get atOnce(): DestinationStream {
    return {
      write: (line) => {
        this.flush();
        this.output.write(line);
      },
    };
  }

  private flush(): void {
    if (this.waiting === '') return;
    const lines = this.waiting;
    this.waiting = '';
    this.output.write(lines);
  }
}
