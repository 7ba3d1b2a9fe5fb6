import { Injectable } from '@nestjs/common';
import { JsonScanError } from '../../../platform/http/json-scan';
import type { FieldRules } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import { elementsOf, isArray, textAt, valueAt, wholeValue, type Span } from '../../domain/json-slices';
import { isGraphDocument } from '../../domain/tool-documents';
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
import {
  ConnectorError,
  ItemError,
  PushConflictError,
  RemoteGoneError,
  notTheTool,
} from '../connector-errors';
import { ToolClient } from '../tool-client';
import { COMFYUI_VIEW } from './comfyui-view';

const FOLDER = 'workflows';
/** Statuses of `/system_stats` with which its user folder may still be read: a proxy forbids it, or a GPU is lost. */
const NO_STATS = [401, 403, 404, 405, 500, 502, 503];

/** The workflows that ComfyUI's editor keeps in its user folder (`/userdata`). */
@Injectable()
export class ComfyuiConnector implements Connector {
  readonly kind = 'comfyui';
  readonly options: FieldRules = {
    user: {
      type: 'text',
      max: 200,
      pattern: /^[\x21-\x7e]+$/,
      must: 'must be an id of a user, without spaces',
      about: 'The user whose workflows are pulled, if ComfyUI runs with `--multi-user`.',
    },
  };
  readonly credentials: FieldRules = {};

  async connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, 'ComfyUI');
    const { user } = connection.options;
    if (user !== undefined) client.headers = { 'comfy-user': String(user) };
    const { status, body, isJson } = await client.json('/system_stats', { handles: NO_STATS });
    if (status < 300 && isJson && !valueAt(body, '/system'))
      throw notTheTool('ComfyUI', 'its answer to /system_stats names no system');
    const version = status < 300 && isJson ? textAt(body, '/system/comfyui_version') : undefined;
    return new ComfyuiSession(client, connection, version ?? null);
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, COMFYUI_VIEW);
  }
}

class ComfyuiSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    private readonly connection: Connection,
    /** Null where it is not said, as in 2023 and before. */
    readonly toolVersion: string | null,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    const { body } = await this.client.json(`/userdata?dir=${FOLDER}&recurse=true&full_info=true`);
    const whole = wholeValue(body);
    if (!isArray(body, whole.start))
      throw new ConnectorError(
        'ComfyUI answers without a list of files. Check the address and the kind of the source.',
      );
    yield [...elementsOf(body, whole.start)]
      .map((item) => listedAt(body, item))
      .filter(({ remoteId }) => /\.json$/i.test(remoteId));
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const url = this.client.url(`/userdata/${encodeURIComponent(`${FOLDER}/${remoteId}`)}`);
    const { status, body } = await this.client.send(url, { handles: [404] });
    if (status === 404) throw new RemoteGoneError('ComfyUI does not have this workflow any more (404).');
    await this.requireJson(body);
    return { title: titleOf(remoteId), config: trimmed(body), changedAt: null, revision: null };
  }

  planPush({ remoteId }: Push): Promise<PushPlan> {
    const warnings = [{ code: 'open-in-editor', message: OPEN_IN_EDITOR }];
    return Promise.resolve({ action: remoteId === null ? 'create' : 'update', warnings });
  }

  /** Replaces the file as a whole. One that is gone comes back under its path, and never replaces another one. */
  async push({ remoteId, formerId, config }: Push): Promise<PushResult> {
    const path = remoteId ?? formerId;
    const url = this.client.url(`/userdata/${encodeURIComponent(`${FOLDER}/${path}`)}`);
    url.searchParams.set('overwrite', remoteId === null ? 'false' : 'true');
    const { status } = await this.client.send(url, {
      ...{ method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: config },
      handles: [409],
    });
    if (status === 409) throw new PushConflictError(`ComfyUI has another workflow with the name ${path}.`);
    return { remoteId: path };
  }

  private async requireJson(body: Buffer): Promise<void> {
    try {
      await this.connection.scan(body);
    } catch (error) {
      if (error instanceof JsonScanError) throw new ItemError(`This file is not JSON: ${error.reason}.`);
      throw error;
    }
    if (!isGraphDocument(body)) throw new ItemError('This file is not a JSON object or array.');
  }
}

const OPEN_IN_EDITOR =
  'A browser that has the workflow open does not notice, and overwrites the file with its next save: reload it there.';

function listedAt(body: Buffer, item: Span): ListedGraph {
  const remoteId = textAt(body, '/path', item);
  if (remoteId === undefined || remoteId === '')
    throw new ConnectorError('ComfyUI lists a file without a path.');
  const signal = `${textAt(body, '/size', item)} ${textAt(body, '/modified', item)}`;
  return { remoteId, title: titleOf(remoteId), signal };
}

function titleOf(path: string): string {
  return path.replace(/\.json$/i, '');
}

function trimmed(body: Buffer): Buffer {
  const { start, end } = wholeValue(body);
  return Buffer.from(body.subarray(start, end));
}
