import { JsonScanError } from '../../platform/http/json-scan';
import type { OutboundResponse } from '../../platform/outbound/outbound-session';
import type { Connection } from './connector';
import { ConnectorError } from './connector-errors';

/** Characters of a tool's own reason that are repeated at most. */
const REASON_MAX = 300;

/** A request to the tool; `path` is added to the address of the source. */
export interface ToolRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
  /** Statuses besides 2xx that the caller handles itself. */
  handles?: readonly number[];
  timeoutMs?: number;
  /** The largest answer that is accepted, bytes; the limit of the connection unless given. */
  maxBytes?: number;
}

/** An answer whose body was checked as strict JSON. */
export interface JsonResponse extends OutboundResponse {
  /** True for a body that is JSON; an answer with a handled status may have another one. */
  isJson: boolean;
}

/** Requests to one tool, with its headers, and the same sentences for the same failures in all connectors. */
export class ToolClient {
  /** Sent with each request; set after signing in. */
  headers: Record<string, string> = {};

  constructor(
    private readonly connection: Connection,
    /** The name of the tool in sentences. */
    private readonly tool: string,
  ) {}

  /** The address of a path of the tool. */
  url(path: string): URL {
    return new URL(this.connection.url.replace(/\/+$/, '') + path);
  }

  /** Sends a request whose answer must be JSON, or one of the statuses that `handles` names. */
  async json(path: string, request: ToolRequest = {}): Promise<JsonResponse> {
    return this.jsonAt(this.url(path), request);
  }

  /** As `json`, with a whole address. */
  async jsonAt(url: URL, request: ToolRequest = {}): Promise<JsonResponse> {
    const response = await this.send(url, request);
    const isExpected = response.status >= 200 && response.status < 300;
    const isJson = await this.isJson(response, isExpected);
    return { ...response, isJson };
  }

  /** Sends a request; throws a ConnectorError for statuses other than 2xx that are not handled. */
  async send(url: URL, { handles = [], ...request }: ToolRequest = {}): Promise<OutboundResponse> {
    const { http, signal, limits } = this.connection;
    const headers = { accept: 'application/json', ...this.headers, ...request.headers };
    const response = await http.request({ maxBytes: limits.answerBytes, ...request, url, headers, signal });
    const isFine = response.status >= 200 && response.status < 300;
    if (isFine || handles.includes(response.status)) return response;
    throw this.failure(response);
  }

  /** The sentence for an answer that is a failure. */
  failure({ status, retryAfter }: OutboundResponse): ConnectorError {
    const advice = status === 404 ? ` ${this.advice}` : '';
    return new ConnectorError(`${this.tool} ${reasonOf(status)} (${status}).${advice}`, retryAfter);
  }

  /** What to do about an address where the tool is not; many are copied from a browser with the path of a page. */
  private get advice(): string {
    const { origin, pathname } = this.url('');
    const path = pathname === '/' ? '' : ` The address may have to be ${origin}, without a path.`;
    return `Check the address and the kind of the source.${path}`;
  }

  private async isJson({ body, headers }: OutboundResponse, isRequired: boolean): Promise<boolean> {
    try {
      await this.connection.scan(body);
      return true;
    } catch (error) {
      if (!(error instanceof JsonScanError)) throw error;
      if (!isRequired) return false;
      const type = (headers['content-type'] ?? '').split(';')[0]!.trim();
      const what = /^[\w.+/-]{1,60}$/.test(type) && !/json/.test(type) ? ` but ${type}` : `: ${error.reason}`;
      throw new ConnectorError(`${this.tool} does not answer in JSON${what}. ${this.advice}`);
    }
  }
}

function reasonOf(status: number): string {
  if (status === 401) return 'refuses the credentials';
  if (status === 403) return 'does not permit this with these credentials';
  if (status === 404) return 'has nothing at this address';
  if (status === 429) return 'is asked too often';
  if (status >= 500) return 'reports an error of its own';
  return 'refuses the request';
}

/** A tool's own reason as part of a sentence: one line, printable, short. */
export function printableReason(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > REASON_MAX ? `${line.slice(0, REASON_MAX)}…` : line;
}
