import { Injectable } from '@nestjs/common';
import type { FieldRules } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import {
  cutMembers,
  elementsOf,
  isArray,
  isContainer,
  replaceSpans,
  textAt,
  valueAt,
  wholeValue,
  type CutPath,
  type Span,
} from '../../domain/json-slices';
import { documentAt, timeOf } from '../../domain/tool-documents';
import {
  HISTORY_MAX,
  type Connection,
  type Connector,
  type ConnectorSession,
  type ListedGraph,
  type PastGraph,
  type Push,
  type PushPlan,
  type PushResult,
  type PushWarning,
  type RemoteGraph,
} from '../connector';
import {
  ConnectorError,
  ItemError,
  PushRefusedError,
  RemoteGoneError,
  notTheTool,
} from '../connector-errors';
import { countedNames } from '../counted-names';
import { reasonIn, requirePushed } from '../push-answers';
import { ToolClient, type JsonResponse } from '../tool-client';
import { emptiedSecrets } from './flow-secrets';

/** What Langflow changes by itself, and whose the flow is. */
const COUNTERS: readonly CutPath[] = [['updated_at'], ['user_id'], ['workspace_id']];
/** How the editor looks at the flow: it is kept in the document, and no change. */
const VIEW: readonly CutPath[] = [
  ['data', 'viewport'],
  ...['selected', 'dragging', 'measured', 'resizing'].map((name): CutPath => ['data', 'nodes', '*', name]),
  ['data', 'edges', '*', 'selected'],
];

/** Where the flow is and who may see it: a push of a changed flow leaves both as they are. */
const PLACE: readonly CutPath[] = [['folder_id'], ['access_type']];

const HISTORY_PAGE = 100;
/** What Langflow answers where it has no versions (before 1.8), and for one that was pruned. */
const NO_HISTORY = [403, 404, 405, 422];

/** Langflow 1 with an API key. */
@Injectable()
export class LangflowConnector implements Connector {
  readonly kind = 'langflow';
  readonly options: FieldRules = {};
  readonly credentials: FieldRules = {
    api_key: { type: 'text', max: 10_000, required: true, about: 'An API key of Langflow.' },
  };

  async connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, 'Langflow');
    client.headers = { 'x-api-key': String(connection.credentials['api_key']) };
    const { status, body, isJson } = await client.json('/api/v1/version', { handles: [401, 404] });
    const version = status < 300 && isJson ? textAt(body, '/version') : null;
    if (version === undefined) throw notTheTool('Langflow', 'its answer to /api/v1/version names no version');
    return new LangflowSession(client, version);
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, VIEW);
  }

  pushedFingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, [...VIEW, ...PLACE]);
  }
}

class LangflowSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string | null,
  ) {}

  /** The headers alone: the whole list would come in one answer, however many flows there are. They have no time. */
  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    const query = 'get_all=true&header_flows=true&remove_example_flows=true';
    const { body } = await this.client.json(`/api/v1/flows/?${query}`);
    const whole = wholeValue(body);
    if (!isArray(body, whole.start))
      throw new ConnectorError(
        'Langflow answers without a list of flows. Check the address and the kind of the source.',
      );
    yield [...elementsOf(body, whole.start)].map((item) => listedAt(body, item));
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const path = `/api/v1/flows/${encodeURIComponent(remoteId)}`;
    const { status, body } = await this.client.json(path, { handles: [404] });
    if (status === 404) throw new RemoteGoneError('Langflow does not have this flow any more (404).');
    const whole = wholeValue(body);
    if (!valueAt(body, '/data', whole)) throw new ItemError('Langflow answers this flow without its data.');
    const changed = textAt(body, '/updated_at', whole);
    return {
      title: textAt(body, '/name', whole) ?? remoteId,
      description: textAt(body, '/description', whole) ?? null,
      config: documentAt(body, whole, COUNTERS),
      changedAt: timeOf(changed),
      revision: changed ?? null,
    };
  }

  /** The versions that people have saved by hand. Langflow answers them without the values of secret fields. */
  async *history({ remoteId }: ListedGraph): AsyncGenerator<PastGraph> {
    const saved = await this.savedVersions(remoteId);
    if (saved.length === 0) return;
    const present = await this.read({ remoteId });
    const here = valueAt(present.config, '/data')!;
    for (const { id, changedAt } of saved.reverse()) {
      const path = `${versionsOf(remoteId)}${encodeURIComponent(id)}`;
      const { status, body } = await this.client.json(path, { handles: NO_HISTORY });
      const data = status < 300 ? valueAt(body, '/data') : undefined;
      if (!data || !isContainer(body, data.start)) continue;
      const by = body.subarray(data.start, data.end);
      yield { ...present, config: replaceSpans(present.config, [{ ...here, by }]), changedAt, revision: id };
    }
  }

  planPush({ remoteId, config, present }: Push): Promise<PushPlan> {
    idOf(config);
    const empty = emptiedSecrets(config, present?.config ?? null);
    const warnings = empty.length === 0 ? [] : [{ code: 'secrets-empty', message: secretsEmpty(empty) }];
    return Promise.resolve({ action: remoteId === null ? 'create' : 'update', warnings });
  }

  /** Langflow takes a flow under the id that it had, also one that was deleted. Releases before that only change flows. */
  async push({ remoteId, config }: Push): Promise<PushResult> {
    const id = remoteId ?? idOf(config);
    const write = (method: string, cuts: readonly CutPath[]) =>
      this.client.json(`/api/v1/flows/${encodeURIComponent(id)}`, {
        ...{ method, headers: { 'content-type': 'application/json' }, body: cutMembers(config, cuts) },
        handles: [400, 403, 404, 405, 409, 422],
      });
    if (remoteId === null) return { remoteId: id, warnings: await this.create(write) };
    const answer = await write('PUT', PLACE);
    requirePushed('Langflow', answer.status === 405 ? await write('PATCH', PLACE) : answer);
    return { remoteId: id };
  }

  /** The folder of a deleted flow may be gone as well: then it is created in the default one. */
  private async create(
    write: (method: string, cuts: readonly CutPath[]) => Promise<JsonResponse>,
  ): Promise<PushWarning[]> {
    const answer = await write('PUT', []);
    const isFolderGone = answer.status === 400 && /folder/i.test(reasonIn(answer));
    requirePushed('Langflow', isFolderGone ? await write('PUT', [['folder_id']]) : answer);
    return isFolderGone ? [{ code: 'folder-gone', message: FOLDER_GONE }] : [];
  }

  /** Newest first. */
  private async savedVersions(remoteId: string): Promise<Array<{ id: string; changedAt: number }>> {
    const found: Array<{ id: string; changedAt: number; number: number }> = [];
    for (let offset = 0; offset < HISTORY_MAX; offset += HISTORY_PAGE) {
      const path = `${versionsOf(remoteId)}?limit=${HISTORY_PAGE}&offset=${offset}`;
      const { status, body } = await this.client.json(path, { handles: NO_HISTORY });
      const list = status < 300 ? valueAt(body, '/entries') : undefined;
      const items = list ? [...elementsOf(body, list.start)] : [];
      for (const item of items) {
        const id = textAt(body, '/id', item);
        const changedAt = timeOf(textAt(body, '/created_at', item));
        const number = Number(textAt(body, '/version_number', item));
        if (id && changedAt !== null && Number.isFinite(number)) found.push({ id, changedAt, number });
      }
      if (items.length < HISTORY_PAGE) break;
    }
    return found.sort((a, b) => b.number - a.number).slice(0, HISTORY_MAX);
  }
}

const FOLDER_GONE =
  'The folder of the flow does not exist any more: Langflow has created it in the default one.';

function secretsEmpty(names: readonly string[]): string {
  const them = names.length === 1 ? 'it' : 'them';
  return `This version has no value for ${countedNames(names, 'secret field')}. Langflow's own history has no secrets: enter ${them} again after the push.`;
}

function versionsOf(remoteId: string): string {
  return `/api/v1/flows/${encodeURIComponent(remoteId)}/versions/`;
}

function idOf(config: Buffer): string {
  const id = textAt(config, '/id');
  if (id === undefined || !valueAt(config, '/data'))
    throw new PushRefusedError('This version is not a flow of Langflow: it has no id or no data.');
  return id;
}

function listedAt(body: Buffer, item: Span): ListedGraph {
  const remoteId = textAt(body, '/id', item);
  if (remoteId === undefined || remoteId === '')
    throw new ConnectorError('Langflow lists a flow without an id.');
  // A header of a flow has them also where they are null.
  if (!['/folder_id', '/is_component', '/data'].some((pointer) => valueAt(body, pointer, item)))
    throw notTheTool('Langflow', 'its list has entries that are no flows');
  return { remoteId, title: textAt(body, '/name', item) ?? remoteId, signal: null };
}
