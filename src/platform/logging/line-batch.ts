import { pino, type DestinationStream } from 'pino';

/** Batches with lines that wait. One listener for all: with one for each, every batch would stay in memory. */
const unflushed = new Set<LineBatch>();
let isListening = false;

/** Before pino's own listener, which writes what the outputs hold. */
function flushAtExit(): void {
  if (isListening) return;
  isListening = true;
  process.prependListener('exit', () => unflushed.forEach((batch) => batch.flush()));
}

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
    flushAtExit();
  }

  /** Adds a line to the batch. */
  write(line: string): void {
    if (this.waiting === '') {
      unflushed.add(this);
      setImmediate(() => this.flush());
    }
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

  /** Hands on the lines that wait. */
  flush(): void {
    if (this.waiting === '') return;
    const lines = this.waiting;
    this.waiting = '';
    unflushed.delete(this);
    this.output.write(lines);
  }
}
