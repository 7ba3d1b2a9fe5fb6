import { elementsOf, isArray, textAt, valueAt, wholeValue, type Span } from '../../domain/json-slices';
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
  type PushWarning,
  type RemoteGraph,
} from '../connector';
import { ConnectorError, ItemError, PushRefusedError, RemoteGoneError } from '../connector-errors';
import type { ToolClient } from '../tool-client';
import { requirePushed } from '../push-answers';
import { resourceAt } from './grafana-documents';
import { managerOf, newResource, resourceVersion, withSpec } from './grafana-push';

/** The list has whole dashboards, so a page is in memory as a whole. They lack what a read one has, so each is read. */
const PAGE = 50;
/** The history has whole dashboards as well, of which only the numbers are used. */
const HISTORY_PAGE = 10;
/** What Grafana answers where there is no history, or a state of it is no more: missing rights and betas among it. */
const NO_HISTORY = [400, 403, 404, 405, 406, 410];

/** An earlier state in Grafana's own history. */
interface PastState {
  /** Its resourceVersion. */
  number: string;
  /** The version of the API in which Grafana stores it. */
  stored: string;
  changedAt: number;
}

/** A Grafana with `/apis` (12 and newer). Each dashboard is read in the version in which Grafana stores it. */
export class GrafanaResourceSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string | null,
    private readonly listVersion: string,
    private readonly namespace: string,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    for (let next: string | undefined = ''; next !== undefined;) {
      const more: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const { body } = await this.client.json(`${this.path(this.listVersion)}?limit=${PAGE}${more}`);
      const list = valueAt(body, '/items');
      if (!list || !isArray(body, list.start))
        throw new ConnectorError(
          'Grafana answers a list without "items". Check the address and the kind of the source.',
        );
      yield [...elementsOf(body, list.start)].map((item) => this.listed(body, item));
      next = textAt(body, '/metadata/continue') || undefined;
    }
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const body = await this.get(this.listVersion, remoteId);
    const stored = storedVersion(body, wholeValue(body));
    if (stored === undefined || stored === this.listVersion) return graphAt(body, wholeValue(body));
    // Another version is a conversion, which can lose the layout.
    const original = await this.get(stored, remoteId);
    return graphAt(original, wholeValue(original));
  }

  /** Each state is read in the version in which Grafana stores it: another one is a conversion. */
  async *history({ remoteId }: ListedGraph): AsyncGenerator<PastGraph> {
    const [, ...older] = await this.pastStates(remoteId);
    for (const { number, stored, changedAt } of older.reverse()) {
      const path = `${this.path(stored)}/${encodeURIComponent(remoteId)}?resourceVersion=${encodeURIComponent(number)}`;
      const { status, body } = await this.client.json(path, { handles: NO_HISTORY });
      const isState = status < 300 && textAt(body, '/metadata/resourceVersion') === number;
      if (isState && valueAt(body, '/spec')) yield { ...graphAt(body, wholeValue(body)), changedAt };
    }
  }

  async planPush({ remoteId, config }: Push): Promise<PushPlan> {
    const version = resourceVersion(config);
    if (remoteId === null) return { action: 'create', warnings: [] };
    const manager = managerOf(await this.get(version, remoteId));
    const warnings: PushWarning[] =
      manager === undefined ? [] : [{ code: 'managed', message: managed(manager) }];
    return { action: 'update', warnings };
  }

  /** Writes the spec in the version in which it was stored; folder, labels and annotations stay as they are. */
  async push({ remoteId, config }: Push): Promise<PushResult> {
    const version = resourceVersion(config);
    if (remoteId === null) return this.create(version, config);
    const present = await this.get(version, remoteId);
    const manager = managerOf(present);
    if (manager !== undefined) throw new PushRefusedError(managed(manager));
    const answer = await this.client.json(`${this.path(version)}/${encodeURIComponent(remoteId)}`, {
      ...{ method: 'PUT', headers: JSON_TYPE, body: withSpec(present, config), handles: REFUSALS },
    });
    requirePushed('Grafana', answer, [409]);
    return { remoteId };
  }

  private async create(version: string, config: Buffer): Promise<PushResult> {
    const answer = await this.client.json(this.path(version), {
      ...{ method: 'POST', headers: JSON_TYPE, body: newResource(config), handles: REFUSALS },
    });
    requirePushed('Grafana', answer, [409]);
    const remoteId = textAt(answer.body, '/metadata/name');
    if (!remoteId) throw new ConnectorError('Grafana answers the new dashboard without a name.');
    return { remoteId };
  }

  private listed(body: Buffer, item: Span): ListedGraph {
    const remoteId = textAt(body, '/metadata/name', item);
    if (remoteId === undefined || remoteId === '')
      throw new ConnectorError('Grafana lists a dashboard without a name.');
    const title = textAt(body, '/spec/title', item) ?? remoteId;
    const signal = textAt(body, '/metadata/resourceVersion', item) ?? null;
    return { remoteId, title, signal };
  }

  /** Newest first, the present one among them. Grafana's own order is not documented. */
  private async pastStates(remoteId: string): Promise<PastState[]> {
    const found: PastState[] = [];
    const query = `labelSelector=grafana.app/get-history%3Dtrue&fieldSelector=${encodeURIComponent(`metadata.name=${remoteId}`)}&limit=${HISTORY_PAGE}`;
    let next: string | undefined = '';
    for (let page = 0; next !== undefined && page < HISTORY_PAGES_MAX; page += 1) {
      if (found.length > HISTORY_MAX) break;
      const more: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const path = `${this.path(this.listVersion)}?${query}${more}`;
      const { status, body } = await this.client.json(path, { handles: NO_HISTORY });
      const list = status < 300 ? valueAt(body, '/items') : undefined;
      const items = list ? [...elementsOf(body, list.start)] : [];
      found.push(...items.flatMap((item) => this.pastState(body, item, remoteId) ?? []));
      next = items.length > 0 ? textAt(body, '/metadata/continue') || undefined : undefined;
    }
    found.sort((a, b) => b.changedAt - a.changedAt || compareNumbers(b.number, a.number));
    return found.slice(0, HISTORY_MAX + 1);
  }

  /** Undefined for what is no state of this dashboard: a Grafana that ignores the selectors lists all dashboards. */
  private pastState(body: Buffer, item: Span, remoteId: string): PastState | undefined {
    const number = textAt(body, '/metadata/resourceVersion', item);
    const changedAt = changeTime(body, item);
    if (textAt(body, '/metadata/name', item) !== remoteId || !number || changedAt === null) return undefined;
    return { number, stored: storedVersion(body, item) ?? this.listVersion, changedAt };
  }

  private async get(version: string, remoteId: string): Promise<Buffer> {
    const path = `${this.path(version)}/${encodeURIComponent(remoteId)}`;
    const { status, body } = await this.client.json(path, { handles: [404] });
    if (status === 404) throw new RemoteGoneError('Grafana does not have this dashboard any more (404).');
    return body;
  }

  private path(version: string): string {
    return `/apis/dashboard.grafana.app/${version}/namespaces/${this.namespace}/dashboards`;
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const REFUSALS = [400, 403, 409, 412, 422, 500];

function managed(manager: string): string {
  return `This dashboard is managed by ${manager}: restore it there, or Grafana undoes the change or refuses it.`;
}

/** The version in which Grafana stores a dashboard, where that is another one than the one that was asked for. */
function storedVersion(body: Buffer, item: Span): string | undefined {
  const stored = textAt(body, '/status/conversion/storedVersion', item);
  return stored !== undefined && /^v[0-9][a-z0-9]{0,20}$/.test(stored) ? stored : undefined;
}

function graphAt(body: Buffer, item: Span): RemoteGraph {
  if (!valueAt(body, '/spec', item)) throw new ItemError('Grafana answers this dashboard without a spec.');
  return {
    title: textAt(body, '/spec/title', item) ?? textAt(body, '/metadata/name', item) ?? 'Dashboard',
    config: resourceAt(body, item),
    changedAt: changeTime(body, item),
    revision: textAt(body, '/metadata/resourceVersion', item) ?? null,
  };
}

/** When a dashboard was saved; one that was never changed has no such annotation. */
function changeTime(body: Buffer, item: Span): number | null {
  const annotation = '/metadata/annotations/grafana.app~1updatedTimestamp';
  return timeOf(textAt(body, annotation, item) ?? textAt(body, '/metadata/creationTimestamp', item));
}

/** Compares whole numbers of any length; their texts if they are none. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
