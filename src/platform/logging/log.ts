import { Injectable, type LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** How the log is written. */
export interface LogOptions {
  level: string;
  /** `''` means pretty on a terminal, JSON elsewhere. */
  format: '' | 'json' | 'pretty';
  destination?: DestinationStream;
}

/** From the least to the most that can be logged. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

// What must never stand in a log line, whatever somebody passes by mistake.
const SECRET_FIELDS = [
  'password',
  'current_password',
  'new_password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'config',
  'email',
  'secret',
];

/** What is logged of a request; `ms` since it came, `bytes` of the answer's body. */
export interface RequestLine {
  request_id: string;
  method: string;
  /** The route's pattern, not the address: that may hold anything. */
  route: string;
  status: number;
  ms: number;
  bytes: number;
  user_id: string | undefined;
}

/**
 * The service's log: one JSON object a line on standard output (pretty on a terminal), with the request's id.
 * Ids and numbers only: tokens, passwords, `config` and e-mail addresses are cut out.
 */
@Injectable()
export class Log implements LoggerService {
  private constructor(
    private readonly pino: Logger,
    private readonly requests: Logger,
  ) {}

  static create(options: LogOptions): Log {
    const asPretty = options.format === 'pretty' || (options.format === '' && process.stdout.isTTY);
    const destination = options.destination ?? (asPretty ? pretty({ colorize: true, sync: true }) : stdout());
    const common = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
    return new Log(
      pino(
        {
          ...common,
          redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[cut]' },
          serializers: { error: describeError },
        },
        destination,
      ),
      pino(common, destination),
    );
  }

  /** How much is logged from now on, by this process. */
  get level(): LogLevel {
    return this.pino.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.pino.level = level;
    this.requests.level = level;
  }

  /** The one line of a request. Its fields are named one by one, so there is nothing to cut out. */
  request(line: RequestLine, slow: boolean): void {
    if (slow) this.requests.warn(line, 'slow request');
    else this.requests.info(line, 'request');
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(fields, message);
  }

  /** Nest's own lines. */
  log(message: unknown, context?: unknown): void {
    this.pino.debug({ context }, String(message));
  }

  warn(message: unknown, fields?: unknown): void {
    this.pino.warn(asFields(fields), String(message));
  }

  error(message: unknown, fields?: unknown): void {
    this.pino.error(asFields(fields), String(message));
  }

  fatal(message: unknown, fields?: unknown): void {
    this.pino.fatal(asFields(fields), String(message));
  }

  debug(message: unknown, fields?: unknown): void {
    this.pino.debug(asFields(fields), String(message));
  }

  verbose(message: unknown, fields?: unknown): void {
    this.pino.trace(asFields(fields), String(message));
  }
}

/**
 * Standard output, written beside the event loop: a reader that is slow keeps no request waiting. What is still in
 * memory is written when the process ends in any way but a kill.
 */
function stdout(): DestinationStream {
  return pino.destination({ fd: process.stdout.fd, sync: false });
}

function asFields(fields: unknown): object {
  if (fields !== null && typeof fields === 'object' && !(fields instanceof Error)) return fields;
  return fields === undefined ? {} : { context: fields };
}

/** An error's name, message and stack; TypeORM's errors without their parameters, which are user data. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : undefined;
  const { driverError } = error as Error & { driverError?: Error & { code?: string } };
  return {
    name: error.name,
    message: driverError?.message ?? error.message,
    code: driverError?.code ?? (error as NodeJS.ErrnoException).code,
    stack: error.stack,
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  };
}
