import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FieldRules } from '../../domain/fields';
import {
  cutMembers,
  elementsOf,
  isArray,
  textAt,
  valueAt,
  wholeValue,
  type CutPath,
  type Span,
} from '../../domain/json-slices';
import { documentAt, timeOf } from '../../domain/tool-documents';
import type {
  Connection,
  Connector,
  ConnectorSession,
  ListedGraph,
  Push,
  PushPlan,
  PushResult,
  RemoteGraph,
} from '../connector';
import { ConnectorError, PushRefusedError, RemoteGoneError, notTheTool } from '../connector-errors';
import { requirePushed } from '../push-answers';
import { ToolClient } from '../tool-client';

const PAGE = 50;
/** What Flowise changes by itself. */
const COUNTERS: readonly CutPath[] = [
  ['createdDate'],
  ['updatedDate'],
  ['workspaceId'],
  ['webhookSecretConfigured'],
];
/** How the editor looks at the flow: it is kept in the document, and no change. */
const VIEW: readonly CutPath[] = [
  ['viewport'],
  ...['selected', 'dragging', 'positionAbsolute'].map((name): CutPath => ['nodes', '*', name]),
  ['nodes', '*', 'data', 'selected'],
  ['edges', '*', 'selected'],
];

/** Who may use the flow: a push of a changed flow leaves it as it is. */
const ACCESS: readonly CutPath[] = [['isPublic'], ['apikeyid'], ['deployed']];
/** A new flow is not public at once. Without its key, everybody could call it. */
const NOT_CREATED: readonly CutPath[] = [['id'], ['isPublic']];

/** Flowise 3 with an API key that may view chatflows and agentflows. */
@Injectable()
export class FlowiseConnector implements Connector {
  readonly kind = 'flowise';
  readonly options: FieldRules = {};
  readonly credentials: FieldRules = {
    api_key: {
      type: 'text',
      max: 10_000,
      required: true,
      about: 'An API key of Flowise with the permissions `chatflows:view` and `agentflows:view`.',
    },
  };

  async connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, 'Flowise');
    client.headers = { authorization: `Bearer ${String(connection.credentials['api_key'])}` };
    const { status, body, isJson } = await client.json('/api/v1/version', { handles: [401, 404] });
    const version = status < 300 && isJson ? textAt(body, '/version') : null;
    if (version === undefined) throw notTheTool('Flowise', 'its answer to /api/v1/version names no version');
    return new FlowiseSession(client, version);
  }

  /** `flowData` is JSON in a string: what the editor changes by looking at it is inside. */
  fingerprint(config: Buffer): Buffer {
    return this.hashWithout(config, []);
  }

  pushedFingerprint(config: Buffer): Buffer {
    return this.hashWithout(config, ACCESS);
  }

  private hashWithout(config: Buffer, cuts: readonly CutPath[]): Buffer {
    const hash = createHash('sha256').update(cutMembers(config, [['flowData'], ...cuts]));
    const flow = textAt(config, '/flowData') ?? '';
    return hash
      .update('\0')
      .update(isJsonObject(flow) ? cutMembers(Buffer.from(flow), VIEW) : flow)
      .digest();
  }
}

class FlowiseSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string | null,
  ) {}

  /** The list has whole flows. It is sorted by the time of the last change, so a page can repeat a flow of the one before. */
  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    for (let page = 1; ; page += 1) {
      const { body } = await this.client.json(`/api/v1/chatflows?page=${page}&limit=${PAGE}`);
      const whole = wholeValue(body);
      // Releases before paging answer with a bare list.
      const list = isArray(body, whole.start) ? whole : valueAt(body, '/data');
      if (!list || !isArray(body, list.start))
        throw new ConnectorError(
          'Flowise answers without a list of flows. Check the address and the kind of the source.',
        );
      const items = [...elementsOf(body, list.start)];
      yield items.map((item) => listedAt(body, item));
      if (list === whole || items.length < PAGE) return;
    }
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const path = `/api/v1/chatflows/${encodeURIComponent(remoteId)}`;
    const { status, body } = await this.client.json(path, { handles: [404] });
    if (status === 404) throw new RemoteGoneError('Flowise does not have this flow any more (404).');
    return graphAt(body, wholeValue(body));
  }

  planPush({ remoteId, config }: Push): Promise<PushPlan> {
    requireFlow(config);
    if (remoteId !== null) return Promise.resolve({ action: 'update', warnings: [] });
    const warnings = [{ code: 'new-id', message: NEW_ID }];
    if (textAt(config, '/isPublic') === 'true') warnings.push({ code: 'not-public', message: NOT_PUBLIC });
    return Promise.resolve({ action: 'create', warnings });
  }

  /** Flowise takes the fields that it knows and leaves its own ones, and those that are not sent, as they are. */
  async push({ remoteId, config }: Push): Promise<PushResult> {
    requireFlow(config);
    const path = remoteId === null ? '' : `/${encodeURIComponent(remoteId)}`;
    const answer = await this.client.json(`/api/v1/chatflows${path}`, {
      ...{ method: remoteId === null ? 'POST' : 'PUT', headers: { 'content-type': 'application/json' } },
      ...{
        body: cutMembers(config, remoteId === null ? NOT_CREATED : ACCESS),
        handles: [400, 403, 404, 412, 500],
      },
    });
    requirePushed('Flowise', answer);
    const id = remoteId ?? textAt(answer.body, '/id');
    if (!id) throw new ConnectorError('Flowise answers the new flow without an id.');
    return { remoteId: id };
  }
}

const NOT_PUBLIC = 'The flow was public. Flowise creates it as one that is not: make it public there.';
const NEW_ID = 'Flowise gives the flow a new id: what calls it by its old address has to be changed.';

function requireFlow(config: Buffer): void {
  if (textAt(config, '/flowData') === undefined)
    throw new PushRefusedError('This version is not a flow of Flowise: it has no flowData.');
}

/** `updatedDate` has whole seconds: two saves in one look equal, so the flow itself is compared. */
function listedAt(body: Buffer, item: Span): ListedGraph {
  const remoteId = textAt(body, '/id', item);
  if (remoteId === undefined || remoteId === '')
    throw new ConnectorError('Flowise lists a flow without an id.');
  if (!valueAt(body, '/flowData', item)) throw notTheTool('Flowise', 'its list has entries without flowData');
  const graph = graphAt(body, item);
  return { remoteId, title: graph.title, signal: null, graph };
}

function graphAt(body: Buffer, item: Span): RemoteGraph {
  const changed = textAt(body, '/updatedDate', item);
  return {
    title: textAt(body, '/name', item) ?? textAt(body, '/id', item) ?? 'Flow',
    config: documentAt(body, item, COUNTERS),
    changedAt: timeOf(changed),
    revision: changed ?? null,
  };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
