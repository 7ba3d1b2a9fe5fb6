import { elementsOf, isArray, textAt, valueAt, wholeValue } from '../../domain/json-slices';
import { timeOf } from '../../domain/tool-documents';
import {
  HISTORY_MAX,
  HISTORY_PAGES_MAX,
  type ConnectorSession,
  type ListedGraph,
  type PastGraph,
  type Push,
  type PushPlan,
  type PushResult,
  type RemoteGraph,
} from '../connector';
import { ConnectorError, ItemError, PushRefusedError, RemoteGoneError } from '../connector-errors';
import type { ToolClient } from '../tool-client';
import { requirePushed } from '../push-answers';
import { classicAt } from './grafana-documents';
import { legacyWrite } from './grafana-push';

const PAGE = 1_000;
const HISTORY_PAGE = 50;

/** A Grafana before 12 by `/api`: its list has no content and no versions. */
export class GrafanaLegacySession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string | null,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    for (let page = 1; ; page += 1) {
      const { body } = await this.client.json(`/api/search?type=dash-db&limit=${PAGE}&page=${page}`);
      const whole = wholeValue(body);
      if (!isArray(body, whole.start))
        throw new ConnectorError(
          'Grafana answers a search without a list. Check the address and the kind of the source.',
        );
      const items = [...elementsOf(body, whole.start)];
      yield items.map((item) => {
        const remoteId = textAt(body, '/uid', item);
        if (remoteId === undefined || remoteId === '')
          throw new ConnectorError('Grafana lists a dashboard without a uid.');
        return { remoteId, title: textAt(body, '/title', item) ?? remoteId, signal: null };
      });
      if (items.length < PAGE) return;
    }
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const { status, body } = await this.client.json(pathOf(remoteId), { handles: [404, 406] });
    if (status === 404) throw new RemoteGoneError('Grafana does not have this dashboard any more (404).');
    if (status === 406)
      throw new ItemError(
        'Grafana stores this dashboard in a newer form, which its older API does not give (406).',
      );
    const dashboard = valueAt(body, '/dashboard');
    if (!dashboard) throw new ItemError('Grafana answers without a dashboard.');
    return {
      title: textAt(body, '/dashboard/title') ?? remoteId,
      config: classicAt(body, dashboard),
      changedAt: timeOf(textAt(body, '/meta/updated')),
      revision: textAt(body, '/dashboard/version') ?? null,
    };
  }

  async *history({ remoteId }: ListedGraph): AsyncGenerator<PastGraph> {
    const [, ...older] = await this.pastVersions(remoteId);
    for (const { version, changedAt } of older.reverse()) {
      const { status, body } = await this.client.json(`${pathOf(remoteId)}/versions/${version}`, {
        handles: [404],
      });
      const data = status === 404 ? undefined : valueAt(body, '/data');
      if (!data) continue;
      const title = textAt(body, '/data/title') ?? remoteId;
      yield { title, config: classicAt(body, data), changedAt, revision: version };
    }
  }

  async planPush({ remoteId }: Push): Promise<PushPlan> {
    if (remoteId === null)
      return { action: 'create', warnings: [{ code: 'top-folder', message: TOP_FOLDER }] };
    const { body } = await this.client.json(pathOf(remoteId));
    const isProvisioned = textAt(body, '/meta/provisioned') === 'true';
    return { action: 'update', warnings: isProvisioned ? [{ code: 'managed', message: PROVISIONED }] : [] };
  }

  async push({ remoteId, config }: Push): Promise<PushResult> {
    const present = remoteId === null ? null : (await this.client.json(pathOf(remoteId))).body;
    if (present && textAt(present, '/meta/provisioned') === 'true') throw new PushRefusedError(PROVISIONED);
    if (remoteId !== null && textAt(config, '/uid') !== remoteId)
      throw new PushRefusedError('This version has another uid than the dashboard at Grafana.');
    const answer = await this.client.json('/api/dashboards/db', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      ...{ body: legacyWrite(config, present), handles: [400, 403, 404, 412, 422] },
    });
    requirePushed('Grafana', answer, isVersionMismatch(answer.body, answer.isJson) ? [412] : []);
    const uid = remoteId ?? textAt(answer.body, '/uid');
    if (!uid) throw new ConnectorError('Grafana answers the new dashboard without a uid.');
    return { remoteId: uid };
  }

  /** Newest first. */
  private async pastVersions(remoteId: string): Promise<Array<{ version: string; changedAt: number }>> {
    const found: Array<{ version: string; changedAt: number }> = [];
    for (let page = 0; page < HISTORY_PAGES_MAX; page += 1) {
      const path = `${pathOf(remoteId)}/versions?limit=${HISTORY_PAGE}&start=${found.length}`;
      const { status, body } = await this.client.json(path, { handles: [403, 404] });
      if (status >= 300) return found;
      const whole = wholeValue(body);
      // Grafana 10 and older answers with a bare list.
      const list = isArray(body, whole.start) ? whole : valueAt(body, '/versions');
      const items = list ? [...elementsOf(body, list.start)] : [];
      for (const item of items) {
        const version = textAt(body, '/version', item);
        const changedAt = timeOf(textAt(body, '/created', item));
        if (version !== undefined && changedAt !== null) found.push({ version, changedAt });
      }
      if (items.length < HISTORY_PAGE || found.length > HISTORY_MAX) break;
    }
    return found.slice(0, HISTORY_MAX + 1);
  }
}

const TOP_FOLDER = 'Grafana creates the dashboard in its top folder.';
const PROVISIONED =
  'This dashboard is provisioned from a file: restore the file, Grafana does not take a change of it.';

function isVersionMismatch(body: Buffer, isJson: boolean): boolean {
  return isJson && textAt(body, '/status') === 'version-mismatch';
}

function pathOf(uid: string): string {
  return `/api/dashboards/uid/${encodeURIComponent(uid)}`;
}
