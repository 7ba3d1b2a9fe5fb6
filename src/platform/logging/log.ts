import { Injectable, type LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { LineBatch } from './line-batch';

/** Format and level of the log. */
export interface LogOptions {
  level: string;
  /** `''` means pretty on a terminal, JSON elsewhere. */
  format: '' | 'json' | 'pretty';
  destination?: DestinationStream;
}

/** From the least to the most verbose. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

// Fields that must never be logged, even if code passes them by mistake.
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

/** The log entry of a request; `ms` is its duration, `bytes` the size of the response body. */
export interface RequestLine {
  request_id: string;
  method: string;
  /** The route's pattern, not the URL, which can contain anything. */
  route: string;
  status: number;
  ms: number;
  bytes: number;
  user_id: string | undefined;
}

/**
 * The service's log: one JSON object per line on standard output (pretty on a terminal), with the request id. Only
 * ids and numbers: tokens, passwords, `config` and e-mail addresses are removed.
 */
@Injectable()
export class Log implements LoggerService {
  private constructor(
    private readonly pino: Logger,
    private readonly requests: DestinationStream,
  ) {}

  static create(options: LogOptions): Log {
    const asPretty = options.format === 'pretty' || (options.format === '' && process.stdout.isTTY);
    const { requests, others } = destinations(options, asPretty);
    const logger = pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[cut]' },
        serializers: { error: describeError },
      },
      others,
    );
    return new Log(logger, requests);
  }

  /** The log level of this process. */
  get level(): LogLevel {
    return this.pino.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.pino.level = level;
  }

  /**
   * The line of a request, in pino's format. Its fields are listed one by one, so nothing needs to be removed, and it is
   * printed here, because pino takes three times as long.
   */
  request(line: RequestLine, slow: boolean): void {
    const level = slow ? 'warn' : 'info';
    if (!this.pino.isLevelEnabled(level)) return;
    const head = `{"level":${pino.levels.values[level]}${pino.stdTimeFunctions.isoTime()},`;
    const message = slow ? 'slow request' : 'request';
    this.requests.write(`${head}${JSON.stringify(line).slice(1, -1)},"msg":"${message}"}\n`);
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(fields, message);
  }

  /** Log lines of Nest. */
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

/** Where lines of requests go, and all others. */
function destinations(
  { destination }: LogOptions,
  asPretty: boolean,
): Record<'requests' | 'others', DestinationStream> {
  if (!destination && !asPretty) {
    const requests = new LineBatch(process.stdout.fd);
    return { requests, others: requests.atOnce };
  }
  const all = destination ?? pretty({ colorize: true, sync: true });
  return { requests: all, others: all };
}

function asFields(fields: unknown): object {
  if (fields !== null && typeof fields === 'object' && !(fields instanceof Error)) return fields;
  return fields === undefined ? {} : { context: fields };
}

/** Name, message and stack of an error; TypeORM's errors without parameters, which are user data. */
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
