import { Injectable } from '@nestjs/common';
import type { Fields } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import {
  elementsOf,
  isArray,
  isContainer,
  textAt,
  valueAt,
  wholeValue,
  type Span,
} from '../../domain/json-slices';
import { timeOf } from '../../domain/tool-documents';
import type { Connection, Connector, ConnectorSession, ListedGraph, RemoteGraph } from '../connector';
import { ConnectorError, ItemError, RemoteGoneError } from '../connector-errors';
import { ToolClient } from '../tool-client';
import { HTTP_CREDENTIALS, HTTP_OPTIONS, httpSettings, type HttpSettings } from './http-options';

const TOOL = 'The server';

/** Any server that lists JSON documents over HTTP; GraphOMAT as a preset. */
@Injectable()
export class HttpConnector implements Connector {
  readonly kind = 'http';
  readonly options = HTTP_OPTIONS;
  readonly credentials = HTTP_CREDENTIALS;

  faults(options: Fields, credentials: Fields): Array<{ field: string; message: string }> {
    const settings = httpSettings(options);
    const faults = [];
    if (settings.documentPath !== undefined && !settings.documentPath.includes('{id}'))
      faults.push({ field: 'options.document_path', message: 'must contain {id}' });
    if ((credentials['header_name'] === undefined) !== (credentials['header_value'] === undefined))
      faults.push({ field: 'credentials.header_name', message: 'must be given together with header_value' });
    return faults;
  }

  async connect(connection: Connection): Promise<ConnectorSession> {
    const settings = httpSettings(connection.options);
    const client = new ToolClient(connection, TOOL);
    client.headers = await authentication(client, connection.credentials, settings);
    return new HttpSession(client, settings);
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, []);
  }
}

class HttpSession implements ConnectorSession {
  readonly toolVersion = null;
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    private readonly settings: HttpSettings,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    const first = this.client.url(this.settings.listPath);
    let url: URL | undefined = first;
    let count = 0;
    let before: string | undefined;
    while (url) {
      const { body, headers } = await this.client.jsonAt(url);
      const page = this.page(body);
      // A server that does not know the parameter of `skip` answers the first page again.
      const isRepeated = page.length > 0 && page[0]!.remoteId === before;
      if (isRepeated && this.settings.skip !== undefined) return;
      yield page;
      before = page[0]?.remoteId;
      count += page.length;
      const next: string | undefined = nextOf(headers['link']) ?? this.nextIn(body);
      url = next === undefined ? this.skipped(first, page, count) : sameOrigin(next, url, first.origin);
    }
  }

  /** The address of the list without its first `count` items; undefined behind the last page. */
  private skipped(list: URL, page: readonly ListedGraph[], count: number): URL | undefined {
    const { skip } = this.settings;
    if (skip === undefined || page.length === 0) return undefined;
    const url = new URL(list);
    url.searchParams.set(skip, String(count));
    return url;
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const path = this.settings.documentPath?.replace('{id}', encodeURIComponent(remoteId));
    if (path === undefined) return this.readFromList(remoteId);
    const answer = await this.client.json(path, { handles: [404, 410] });
    if (answer.status === 404 || answer.status === 410)
      throw new RemoteGoneError(`${TOOL} does not have this document any more (${answer.status}).`);
    return this.graphIn(answer.body, wholeValue(answer.body), remoteId);
  }

  private async readFromList(remoteId: string): Promise<RemoteGraph> {
    for await (const page of this.list()) {
      const found = page.find((item) => item.remoteId === remoteId);
      if (found?.graph) return found.graph;
    }
    throw new RemoteGoneError(`${TOOL} does not list this document any more.`);
  }

  private page(body: Buffer): ListedGraph[] {
    const list = valueAt(body, this.settings.items);
    if (!list || !isArray(body, list.start))
      throw new ConnectorError(
        `${TOOL} answers the list without an array at "${this.settings.items}" (option items).`,
      );
    return [...elementsOf(body, list.start)].map((item) => this.listed(body, item));
  }

  private listed(body: Buffer, item: Span): ListedGraph {
    const { id, title, changed, documentPath } = this.settings;
    const remoteId = textAt(body, id, item);
    if (remoteId === undefined || remoteId === '')
      throw new ConnectorError(`${TOOL} lists an item without an id at "${id}" (option id).`);
    const listed = {
      remoteId,
      title: textAt(body, title, item) ?? remoteId,
      signal: changed === undefined ? null : (textAt(body, changed, item) ?? null),
    };
    return documentPath === undefined ? { ...listed, graph: this.graphIn(body, item, remoteId) } : listed;
  }

  private graphIn(body: Buffer, item: Span, remoteId: string): RemoteGraph {
    const { document, title, changed } = this.settings;
    const found = valueAt(body, document, item);
    if (!found || !isContainer(body, found.start))
      throw new ItemError(
        `${TOOL} has no JSON object or array at "${document}" of this document (option document).`,
      );
    return {
      title: textAt(body, title, item) ?? remoteId,
      // A copy, so that a small document does not keep a large answer in memory.
      config: Buffer.from(body.subarray(found.start, found.end)),
      changedAt: changed === undefined ? null : timeOf(textAt(body, changed, item)),
      revision: null,
    };
  }

  private nextIn(body: Buffer): string | undefined {
    const { next } = this.settings;
    return next === undefined ? undefined : textAt(body, next) || undefined;
  }
}

async function authentication(
  client: ToolClient,
  credentials: Fields,
  { signInPath }: HttpSettings,
): Promise<Record<string, string>> {
  const { token, header_name: name, header_value: value, username, password } = credentials;
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (name !== undefined) return { [String(name).toLowerCase()]: String(value) };
  if (username === undefined || password === undefined) return {};
  if (signInPath === undefined)
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const { body } = await client.json(signInPath, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username: String(username), password: String(password) }).toString(),
  });
  const accessToken = textAt(body, '/access_token');
  if (accessToken === undefined)
    throw new ConnectorError(`${TOOL} answers the sign-in without an access_token.`);
  return { authorization: `Bearer ${accessToken}` };
}

/** The address of `rel="next"` in a Link header (RFC 8288). */
function nextOf(link: string | undefined): string | undefined {
  return link === undefined ? undefined : /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link)?.[1];
}

/** A page elsewhere would get the credentials of this server. */
function sameOrigin(next: string, from: URL, origin: string): URL {
  const url = URL.canParse(next, from.href) ? new URL(next, from) : undefined;
  if (url?.origin !== origin) throw new ConnectorError(`${TOOL} continues its list on another server.`);
  return url;
}
